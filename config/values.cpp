#include "config/values.hpp"

#include <charconv>
#include <cmath>

namespace medibridge::config {

namespace {

constexpr std::string_view duration_fix = "write a whole number and a unit: 500ms 30s 5m 24h";

std::string unit_of(std::string_view text) {
    const auto digits = text.find_first_not_of("0123456789");
    return std::string(digits == std::string_view::npos ? std::string_view{} : text.substr(digits));
}

std::optional<std::int64_t> milliseconds_of(std::string_view unit) {
    if (unit == "ms") return 1;
    if (unit == "s") return 1'000;
    if (unit == "m") return 60'000;
    if (unit == "h") return 3'600'000;
    return std::nullopt;
}

std::string show(Duration duration) {
    const auto count = duration.count();
    for (const auto& [unit, size] :
         {std::pair{"h", 3'600'000}, std::pair{"m", 60'000}, std::pair{"s", 1'000}})
        if (count != 0 && count % size == 0) return std::to_string(count / size) + unit;
    return std::to_string(count) + "ms";
}

/// What is wrong with a text that is no duration.
std::string duration_mistake(const std::string& path, std::string_view text) {
    const std::string unit = unit_of(text);
    const std::string number(text.substr(0, text.size() - unit.size()));
    std::int64_t count = 0;
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), count).ec;
    const bool small = !number.empty() && parsed == std::errc{} && count < 10'000;
    std::string out = quote(path) + " is not a duration: ";
    if (small && unit.empty())
        return out + "the unit is missing, write " + number + "s for seconds";
    if (small && (unit == "d" || unit == "days" || unit == "j"))
        return out + "the units are ms, s, m and h; write " + std::to_string(count * 24) + "h";
    return out + std::string(duration_fix);
}

/// A scalar that was not put in quotes, or nothing with a mistake.
const std::string* plain_number(const Value& value, Report& report, std::string_view what) {
    if (value.node->kind == Node::Kind::scalar && !value.node->quoted) return &value.node->text;
    std::string text = quote(value.path) + " must be " + std::string(what);
    if (value.node->kind == Node::Kind::scalar)
        text += ", without quotes";
    else
        text += ", but is " + std::string(name(value.node->kind));
    report.mistake(value.place, std::move(text));
    return nullptr;
}

std::string show(double number) {
    std::string text = std::to_string(number);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

} // namespace

std::optional<std::string> read_text(const Value& value, Report& report) {
    if (value.node->kind != Node::Kind::scalar) {
        report.mistake(value.place, quote(value.path) + " must be a single value, but is " +
                                        std::string(name(value.node->kind)));
        return std::nullopt;
    }
    if (value.node->text.empty()) {
        report.mistake(value.place, quote(value.path) + " is empty: give a value, or remove the "
                                                        "key");
        return std::nullopt;
    }
    return value.node->text;
}

std::optional<Duration> read_duration(const Value& value, Report& report, DurationRange range) {
    const auto text = read_text(value, report);
    if (!text) return std::nullopt;
    const std::string unit = unit_of(*text);
    const auto factor = milliseconds_of(unit);
    std::int64_t count = 0;
    const char* const end = text->data() + text->size() - unit.size();
    const auto parsed = std::from_chars(text->data(), end, count);
    if (!factor || parsed.ptr != end || end == text->data() ||
        parsed.ec == std::errc::invalid_argument) {
        report.mistake(value.place, duration_mistake(value.path, *text));
        return std::nullopt;
    }
    const bool huge = parsed.ec != std::errc{} || count > range.most.count() / *factor;
    const Duration duration(huge ? 0 : count * *factor);
    const bool zero = !huge && count == 0 && range.zero;
    if (!zero && (huge || duration < range.least)) {
        report.mistake(value.place, quote(value.path) + " must be " + show(range.least) + " to " +
                                        show(range.most) + (range.zero ? ", or 0s" : ""));
        return std::nullopt;
    }
    return duration;
}

std::optional<std::int64_t> read_integer(const Value& value, Report& report, std::int64_t least,
                                         std::int64_t most) {
    const auto* text = plain_number(value, report, "a whole number");
    if (text == nullptr) return std::nullopt;
    std::int64_t number = 0;
    const char* const end = text->data() + text->size();
    const auto [ptr, error] = std::from_chars(text->data(), end, number);
    const bool octal = text->size() > 1 && text->starts_with('0');
    if (ptr != end || error == std::errc::invalid_argument || octal) {
        report.mistake(value.place, quote(value.path) + " must be a whole number" +
                                        (octal && ptr == end ? " without a leading 0" : ""));
        return std::nullopt;
    }
    if (error != std::errc{} || number < least || number > most) {
        report.mistake(value.place, quote(value.path) + " must be " + std::to_string(least) +
                                        " to " + std::to_string(most));
        return std::nullopt;
    }
    return number;
}

std::optional<double> read_number(const Value& value, Report& report, double least, double most) {
    const auto* text = plain_number(value, report, "a number");
    if (text == nullptr) return std::nullopt;
    double number = 0;
    const char* const end = text->data() + text->size();
    const auto [ptr, error] = std::from_chars(text->data(), end, number, std::chars_format::fixed);
    if (ptr != end || error != std::errc{} || !std::isfinite(number)) {
        std::string fix = text->find(',') != std::string::npos ? ": write the fraction with a dot"
                                                               : ", such as 0.5";
        if (text->ends_with('%')) fix = ": write 30% as 0.3";
        report.mistake(value.place, quote(value.path) + " must be a number" + fix);
        return std::nullopt;
    }
    if (number < least || number > most) {
        report.mistake(value.place,
                       quote(value.path) + " must be " + show(least) + " to " + show(most));
        return std::nullopt;
    }
    return number;
}

} // namespace medibridge::config
