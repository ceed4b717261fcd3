#include "config/secret.hpp"
#include "config/sections.hpp"
#include "config/sql_parameters.hpp"
#include "config/values.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace medibridge::config {

namespace {

constexpr std::int64_t max_page_size = 10'000;
constexpr DurationRange timeout_range{std::chrono::milliseconds(10), std::chrono::hours(1)};

constexpr std::array<std::string_view, 3> query_parameters{"modified_after", "after_id", "limit"};
constexpr std::array<std::string_view, 2> null_query_parameters{"after_id", "limit"};

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool equals(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// The names of a connection string's attributes; a `;` within braces separates none.
std::vector<std::string_view> attribute_names(std::string_view text) {
    std::vector<std::string_view> names;
    while (!text.empty()) {
        const auto equals_sign = text.find('=');
        const auto end = text.find(';');
        if (equals_sign == std::string_view::npos) break;
        if (end < equals_sign) {
            text.remove_prefix(end + 1);
            continue;
        }
        names.push_back(trimmed(text.substr(0, equals_sign)));
        text.remove_prefix(equals_sign + 1);
        const auto value = text.find_first_not_of(" \t");
        const bool braced = value != std::string_view::npos && text[value] == '{';
        const auto closed = braced ? text.find('}', value) : 0;
        const auto next = closed == std::string_view::npos ? closed : text.find(';', closed);
        if (next == std::string_view::npos) break;
        text.remove_prefix(next + 1);
    }
    return names;
}

bool has_attribute(std::span<const std::string_view> names, std::string_view wanted) {
    return std::ranges::any_of(names, [&](std::string_view name) { return equals(name, wanted); });
}

std::optional<std::string> read_connection(const Value& value, Report& report) {
    auto text = read_text(value, report);
    if (!text) return std::nullopt;
    const auto names = attribute_names(*text);
    // What stands there may be secret: nothing of it is repeated.
    if (has_attribute(names, "pwd") || has_attribute(names, "password")) {
        report.mistake(value.place, quote(value.path) +
                                        " must not hold a password: take it out, refer to it in "
                                        "`password`, and renew it");
        return std::nullopt;
    }
    if (!has_attribute(names, "driver") && !has_attribute(names, "dsn") &&
        !has_attribute(names, "filedsn")) {
        report.mistake(value.place, quote(value.path) +
                                        " must name a driver or a data source: Driver={…};Server=…;"
                                        "Database=…;Uid=… or DSN=…");
        return std::nullopt;
    }
    return text;
}

std::string with_colons(std::span<const std::string_view> names) {
    std::string text;
    for (const auto name : names)
        text += (text.empty()           ? ""
                 : name == names.back() ? " and "
                                        : ", ") +
                quote(":" + std::string(name));
    return text;
}

/// A statement that has each of these parameters and no others.
std::optional<std::string> read_statement(const Value& value, Report& report,
                                          std::span<const std::string_view> parameters) {
    auto text = read_text(value, report);
    if (!text) return std::nullopt;
    const auto found = find_sql_parameters(*text);
    const auto before = report.mistakes();
    const auto mistake = [&](const std::string& what) {
        report.mistake(value.place, quote(value.path) + " " + what);
    };
    if (found.has_question_mark)
        mistake("holds a `?`, which ODBC takes for a parameter: use " + with_colons(parameters) +
                ", and write an operator `?` as a function");
    for (const auto& name : found.names) {
        if (std::ranges::find(parameters, name) != parameters.end()) continue;
        mistake("names " + quote(":" + name) + "; its parameters are " + with_colons(parameters));
    }
    for (const auto name : parameters) {
        if (std::ranges::find(found.names, name) != found.names.end()) continue;
        mistake("must use " + quote(":" + std::string(name)) +
                " outside quotes and comments: without " + with_colons(parameters) +
                " pages cannot follow one another");
    }
    if (report.mistakes() != before) return std::nullopt;
    return text;
}

void read_queries(Section& section, SqlSource& out) {
    Report& report = section.report();
    if (const auto query = section.require("query", "give a SELECT with :modified_after, :after_id "
                                                    "and :limit"))
        assign(out.query, read_statement(*query, report, query_parameters));
    if (const auto query = section.find("null_query"))
        assign(out.null_query, read_statement(*query, report, null_query_parameters));
}

void read_columns(Section& section, SqlSource& out) {
    Report& report = section.report();
    const auto fields = section.require("fields", "say which column holds each field of a patient");
    if (!fields) return;
    const auto before = report.mistakes();
    read_fields(*fields, report, out.fields, column_place);
    if (report.mistakes() != before || out.fields.contains("modifiedAt")) return;
    report.mistake(fields->place, quote(fields->path) +
                                      " must name the column of modifiedAt: rows are read in "
                                      "its order");
}

} // namespace

std::optional<std::string> read_column(const Value& value, Report& report) {
    return read_text(value, report);
}

void read_sql_source(Section& section, SqlSource& out) {
    Report& report = section.report();
    if (const auto connection = section.require("connection", "give an ODBC connection string"))
        assign(out.connection, read_connection(*connection, report));
    if (const auto password = section.find("password"))
        out.password = read_secret(*password, report, SecretUse::password);
    read_queries(section, out);
    if (const auto size = section.find("page_size"))
        assign(out.page_size, read_integer(*size, report, 1, max_page_size));
    if (const auto zone = section.find("timezone"))
        assign(out.timezone, read_timezone(*zone, report));
    if (const auto timeout = section.find("timeout"))
        assign(out.timeout, read_duration(*timeout, report, timeout_range));
    read_columns(section, out);
}

} // namespace medibridge::config
