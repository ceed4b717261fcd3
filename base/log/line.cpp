#include "base/log/line.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/bytes/treacherous.hpp"
#include "base/bytes/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace medibridge::log {

namespace {

void append_code(std::string& out, char32_t code) {
    out += "\\u" + base::hex_number(code, 4);
}

bool is_plain(char c) {
    return (c == ' ' || base::is_ascii_graphic(c)) && c != '"' && c != '\\';
}

void append_ascii(std::string& out, char c) {
    switch (c) {
    case '"':
        out += "\\\"";
        break;
    case '\\':
        out += "\\\\";
        break;
    case '\n':
        out += "\\n";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\t':
        out += "\\t";
        break;
    default:
        if (base::is_treacherous(static_cast<unsigned char>(c)))
            append_code(out, static_cast<unsigned char>(c));
        else
            out += c;
    }
}

} // namespace

void append_quoted(std::string& out, std::string_view text) {
    const bool cut = text.size() > max_value_size;
    text = base::utf8_prefix(text, max_value_size);
    out += '"';
    while (!text.empty()) {
        const auto plain =
            static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        if (!base::is_beyond_ascii(text[0])) {
            append_ascii(out, text[0]);
            text.remove_prefix(1);
            continue;
        }
        const auto [code, length] = base::utf8_character(text);
        if (length == 0)
            out += base::replacement_character;
        else if (base::is_treacherous(code))
            append_code(out, code);
        else
            out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(1, length));
    }
    if (cut) out += "…";
    out += '"';
}

bool is_plain_word(std::string_view text) {
    constexpr std::size_t longest = 200;
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
        return base::is_ascii_graphic(c) && c != '"' && c != '\\' && c != '=';
    });
}

namespace {

void append_padded(std::string& out, unsigned number, int width) {
    std::array<char, 8> digits{};
    for (int i = width - 1; i >= 0; --i) {
        digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
    out.append(digits.data(), static_cast<std::size_t>(width));
}

/// RFC 3339 in UTC with milliseconds.
void append_time(std::string& out, WallTime when) {
    using namespace std::chrono;
    const auto day = floor<days>(when);
    const year_month_day date(day);
    const hh_mm_ss time(when - day);
    append_padded(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_padded(out, static_cast<unsigned>(time.hours().count()), 2);
    out += ':';
    append_padded(out, static_cast<unsigned>(time.minutes().count()), 2);
    out += ':';
    append_padded(out, static_cast<unsigned>(time.seconds().count()), 2);
    out += '.';
    append_padded(out, static_cast<unsigned>(time.subseconds().count()), 3);
    out += 'Z';
}

void append_number(std::string& out, std::int64_t number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

/// Calls `take(key, value)` for each field in the order of Key.
template <class Take>
void in_order(const Event& event, const Take& take) {
    std::array<const Event::Value*, key_count> values{};
    for (const auto& [key, value] : event.fields())
        values[static_cast<std::size_t>(key)] = &value;
    for (std::size_t i = 0; i < key_count; ++i)
        if (values[i] != nullptr) take(static_cast<Key>(i), *values[i]);
}

void append_value(std::string& out, Key key, const Event::Value& value, const Pseudonym& pseudonym,
                  bool quoted) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        // A patient's identifier is text, even where it was given as a number.
        if (key != Key::patient) return append_number(out, *number);
        return append_value(out, key, std::to_string(*number), pseudonym, quoted);
    }
    const auto& text = std::get<std::string>(value);
    const auto append = [&](const std::string& shown) {
        if (!quoted && is_plain_word(shown))
            out += shown;
        else
            append_quoted(out, shown);
    };
    if (key == Key::patient && pseudonym)
        append(pseudonym(text));
    else
        append(text);
}

constexpr std::string_view padded_name(Level level) {
    switch (level) {
    case Level::debug:
        return "DEBUG ";
    case Level::info:
        return "INFO  ";
    case Level::warn:
        return "WARN  ";
    case Level::error:
        return "ERROR ";
    }
    return {};
}

/// The same text without the quotes around it, and without the backslashes that they call for.
std::string unquoted(std::string_view quoted) {
    std::string out;
    const auto inner = quoted.substr(1, quoted.size() - 2);
    for (std::size_t i = 0; i < inner.size(); ++i) {
        const bool escaped = inner[i] == '\\' && i + 1 < inner.size() &&
                             (inner[i + 1] == '"' || inner[i + 1] == '\\');
        out += inner[escaped ? ++i : i];
    }
    return out;
}

} // namespace

void for_each_field(const Event& event, const Pseudonym& pseudonym,
                    const std::function<void(Key, std::string_view)>& take) {
    in_order(event, [&](Key key, const Event::Value& value) {
        std::string text;
        append_value(text, key, value, pseudonym, true);
        if (text.starts_with('"')) text = unquoted(text);
        take(key, text);
    });
}

void append_json(std::string& out, const Event& event, WallTime when, const Pseudonym& pseudonym) {
    out += R"({"ts":")";
    append_time(out, when);
    out += R"(","level":")";
    out += name(event.level());
    out += R"(","event":)";
    append_quoted(out, event.type().name);
    out += R"(,"msg":)";
    append_quoted(out, event.message());
    in_order(event, [&](Key key, const Event::Value& value) {
        out += ",\"";
        out += name(key);
        out += "\":";
        append_value(out, key, value, pseudonym, true);
    });
    out += '}';
}

void append_text(std::string& out, const Event& event, WallTime when, const Pseudonym& pseudonym) {
    append_time(out, when);
    out += ' ';
    out += padded_name(event.level());
    out += event.type().name;
    out += ": ";
    out += event.message();
    in_order(event, [&](Key key, const Event::Value& value) {
        out += ' ';
        out += name(key);
        out += '=';
        append_value(out, key, value, pseudonym, false);
    });
}

} // namespace medibridge::log
