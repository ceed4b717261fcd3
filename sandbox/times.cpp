#include "sandbox/times.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace medibridge::sandbox {

namespace {

using namespace std::chrono;

constexpr Millis day_ms = 86'400'000;

struct Civil {
    int year, month, day, hour, minute, second, milli;
    unsigned weekday; // 0: Sunday
};

Millis floor_div(Millis value, Millis by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

Civil civil_of(Millis time) {
    const Millis days_since = floor_div(time, day_ms);
    const sys_days date{days{days_since}};
    const year_month_day ymd(date);
    const auto rest = static_cast<int>(time - days_since * day_ms);
    return {int(ymd.year()),
            static_cast<int>(unsigned(ymd.month())),
            static_cast<int>(unsigned(ymd.day())),
            rest / 3'600'000,
            rest / 60'000 % 60,
            rest / 1000 % 60,
            rest % 1000,
            weekday(date).c_encoding()};
}

void append_digits(std::string& out, int value, int width) {
    std::array<char, 12> digits{};
    for (int i = width; i-- > 0; value /= 10)
        digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    out.append(digits.data(), static_cast<std::size_t>(width));
}

void append_seconds(std::string& out, const Civil& c) {
    append_digits(out, c.year, 4);
    out += '-';
    append_digits(out, c.month, 2);
    out += '-';
    append_digits(out, c.day, 2);
    out += 'T';
    append_digits(out, c.hour, 2);
    out += ':';
    append_digits(out, c.minute, 2);
    out += ':';
    append_digits(out, c.second, 2);
}

/// Since 1996 summer time runs from the last Sunday of March to that of October, at 01:00 UTC.
Millis last_sunday_at_one(year y, month m) {
    const sys_days day = y / m / Sunday[last];
    return Millis{day.time_since_epoch().count()} * day_ms + 3'600'000;
}

Millis paris_offset(Millis time) {
    const year y{civil_of(time).year};
    const bool summer =
        time >= last_sunday_at_one(y, March) && time < last_sunday_at_one(y, October);
    return summer ? 7'200'000 : 3'600'000;
}

/// Reads fixed positions, one after the other.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool done() const { return rest_.empty(); }
    bool skip(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::optional<int> digits(std::size_t width) {
        if (rest_.size() < width) return std::nullopt;
        int value = 0;
        for (const char c : rest_.substr(0, width)) {
            if (c < '0' || c > '9') return std::nullopt;
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(width);
        return value;
    }
    /// The digits after a decimal point, cut to milliseconds; nothing if there is none.
    std::optional<int> fraction() {
        int value = 0;
        int width = 0;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            if (width < 3) value = value * 10 + (rest_.front() - '0');
            ++width;
            rest_.remove_prefix(1);
        }
        if (width == 0) return std::nullopt;
        for (; width < 3; ++width)
            value *= 10;
        return value;
    }

  private:
    std::string_view rest_;
};

std::optional<Millis> read_date(Reader& reader) {
    const auto y = reader.digits(4);
    if (!y || !reader.skip('-')) return std::nullopt;
    const auto m = reader.digits(2);
    if (!m || !reader.skip('-')) return std::nullopt;
    const auto d = reader.digits(2);
    if (!d) return std::nullopt;
    const year_month_day ymd{year{*y}, month{static_cast<unsigned>(*m)},
                             day{static_cast<unsigned>(*d)}};
    if (!ymd.ok()) return std::nullopt;
    return Millis{sys_days{ymd}.time_since_epoch().count()} * day_ms;
}

std::optional<Millis> read_clock(Reader& reader) {
    const auto hour = reader.digits(2);
    if (!hour || *hour > 23 || !reader.skip(':')) return std::nullopt;
    const auto minute = reader.digits(2);
    if (!minute || *minute > 59 || !reader.skip(':')) return std::nullopt;
    const auto second = reader.digits(2);
    if (!second || *second > 60) return std::nullopt;
    int milli = 0;
    if (reader.skip('.')) {
        const auto fraction = reader.fraction();
        if (!fraction) return std::nullopt;
        milli = *fraction;
    }
    return ((Millis{*hour} * 60 + *minute) * 60 + *second) * 1000 + milli;
}

std::optional<Millis> read_offset(Reader& reader) {
    if (reader.skip('Z') || reader.skip('z')) return 0;
    const bool east = reader.skip('+');
    if (!east && !reader.skip('-')) return std::nullopt;
    const auto hour = reader.digits(2);
    if (!hour || *hour > 23) return std::nullopt;
    reader.skip(':');
    const auto minute = reader.digits(2);
    if (!minute || *minute > 59) return std::nullopt;
    const Millis offset = (Millis{*hour} * 60 + *minute) * 60'000;
    return east ? offset : -offset;
}

} // namespace

Millis Clock::wall() const {
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

Millis Clock::steady() const {
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

void append_utc(std::string& out, Millis time, Precision precision) {
    const Civil c = civil_of(time);
    append_seconds(out, c);
    if (precision == Precision::milliseconds) {
        out += '.';
        append_digits(out, c.milli, 3);
    }
    out += 'Z';
}

void append_paris(std::string& out, Millis time) {
    const Millis offset = paris_offset(time);
    append_seconds(out, civil_of(time + offset));
    out += offset == 7'200'000 ? "+02:00" : "+01:00";
}

std::string http_date(Millis time) {
    static constexpr std::array<const char*, 7> day_names{"Sun", "Mon", "Tue", "Wed",
                                                          "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> month_names{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Civil c = civil_of(time);
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   day_names[c.weekday], c.day,
                                   month_names[static_cast<std::size_t>(c.month - 1)], c.year,
                                   c.hour, c.minute, c.second);
    return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<Millis> parse_time(std::string_view text, bool paris_by_default) {
    Reader reader(text);
    const auto date = read_date(reader);
    if (!date) return std::nullopt;
    if (reader.done()) return paris_by_default ? *date - paris_offset(*date) : *date;
    if (!reader.skip('T') && !(paris_by_default && reader.skip(' '))) return std::nullopt;
    const auto clock = read_clock(reader);
    if (!clock) return std::nullopt;
    const Millis local = *date + *clock;
    if (reader.done() && paris_by_default) return local - paris_offset(local - 3'600'000);
    const auto offset = read_offset(reader);
    if (!offset || !reader.done()) return std::nullopt;
    return local - *offset;
}

bool is_calendar_date(std::string_view text) {
    Reader reader(text);
    return read_date(reader).has_value() && reader.done();
}

} // namespace medibridge::sandbox
