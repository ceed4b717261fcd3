#include "connectors/sql/kind.hpp"

#include "base/bytes/ascii.hpp"
#include "config/secret.hpp"
#include "config/section.hpp"
#include "config/values.hpp"
#include "connectors/sql/odbc_text.hpp"
#include "connectors/sql/query.hpp"
#include "connectors/sql/source.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace medibridge::connectors {

using config::assign;
using config::PlaceKind;
using config::quote;
using config::Report;
using config::Section;
using config::Value;

namespace {

constexpr std::array<std::string_view, 3> query_parameters{"modified_after", "after_id", "limit"};
constexpr std::array<std::string_view, 2> null_query_parameters{"after_id", "limit"};
constexpr std::array<std::string_view, 1> lookup_parameters{"external_id"};
constexpr std::string_view pages_cannot_follow = "pages cannot follow one another";
constexpr std::string_view not_one_patient = "it does not show one patient";

constexpr PlaceKind column_names{"the name of the column", config::read_text};

/// Whether `name` stands before a `=` anywhere, also within a value: what is quoted how depends on
/// the driver, and a password must not slip through.
bool has_attribute(std::string_view text, std::string_view name) {
    for (std::size_t at = 0; at + name.size() < text.size(); ++at) {
        if (at > 0 && base::is_ascii_letter(text[at - 1])) continue;
        if (!base::equal_ignoring_ascii_case(text.substr(at, name.size()), name)) continue;
        const auto next = text.find_first_not_of(" \t\r\n", at + name.size());
        if (next != std::string_view::npos && text[next] == '=') return true;
    }
    return false;
}

std::optional<std::string> read_database(const Value& value, Report& report) {
    auto text = read_text(value, report);
    if (!text) return std::nullopt;
    // What stands there may be secret: nothing of it is repeated.
    if (has_attribute(*text, "pwd") || has_attribute(*text, "password")) {
        report.mistake(value.place, quote(value.path) +
                                        " must not hold a password: take it out, refer to it in "
                                        "`password`, and renew it");
        return std::nullopt;
    }
    // unixODBC 2.3.11 writes past its buffer where it hands another letter to a driver that has no
    // wide functions, and which drivers those are is not known before.
    if (!base::is_ascii(*text)) {
        report.mistake(value.place, quote(value.path) + " may hold letters of ASCII only");
        return std::nullopt;
    }
    if (!has_attribute(*text, "driver") && !has_attribute(*text, "dsn") &&
        !has_attribute(*text, "filedsn")) {
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

/// A statement that has each of these parameters and no others; `without` them something is wrong.
std::optional<std::string> read_statement(const Value& value, Report& report,
                                          std::span<const std::string_view> parameters,
                                          std::string_view without) {
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
                " outside quotes and comments: without " + with_colons(parameters) + " " +
                std::string(without));
    }
    if (report.mistakes() != before) return std::nullopt;
    return text;
}

void read_queries(Section& section, SqlSettings& out) {
    Report& report = section.report();
    if (const auto query = section.require("query", "give a SELECT with :modified_after, :after_id "
                                                    "and :limit"))
        assign(out.query, read_statement(*query, report, query_parameters, pages_cannot_follow));
    if (const auto query = section.find("null_query"))
        assign(out.null_query,
               read_statement(*query, report, null_query_parameters, pages_cannot_follow));
    if (const auto query = section.find("lookup"))
        assign(out.lookup, read_statement(*query, report, lookup_parameters, not_one_patient));
}

void read_columns(Section& section, SqlSettings& out) {
    Report& report = section.report();
    const auto fields = section.require("fields", "say which column holds each field of a patient");
    if (!fields) return;
    const auto before = report.mistakes();
    read_fields(*fields, report, out.fields, column_names);
    if (report.mistakes() != before || out.fields.contains("modifiedAt")) return;
    report.mistake(fields->place, quote(fields->path) +
                                      " must name the column of modifiedAt: rows are read in "
                                      "its order");
}

std::unique_ptr<Source> make_sql_source(const SqlSettings& settings, SourceEnvironment its) {
    SqlLimits limits;
    limits.retries.attempts = its.most_attempts.value_or(limits.retries.attempts);
    return std::make_unique<SqlSource>(std::move(its), settings, limits);
}

} // namespace

void read_settings(Section& section, SqlSettings& out) {
    Report& report = section.report();
    if (const auto connection = section.require("connection", "give an ODBC connection string"))
        assign(out.connection, read_database(*connection, report));
    if (const auto password = section.find("password"))
        out.password = read_secret(*password, report, config::SecretUse::password);
    if (out.password && !base::is_ascii(out.password->reveal()))
        report.mistake(section.find("password")->place,
                       quote(section.path() + ".password") +
                           " may hold letters of ASCII only: give the account another one");
    read_queries(section, out);
    if (const auto size = section.find("page_size"))
        assign(out.page_size, read_integer(*size, report, 1, config::max_page_size));
    if (const auto zone = section.find("timezone"))
        assign(out.timezone, read_timezone(*zone, report));
    if (const auto timeout = section.find("timeout"))
        assign(out.timeout, read_duration(*timeout, report, config::timeout_range));
    read_columns(section, out);
}

config::Mapping SqlSettings::mapping() const {
    // The query says what the columns hold.
    config::Mapping mapping{{"query", query}, {"null_query", null_query}, {"timezone", timezone}};
    config::add_fields(fields, mapping);
    return mapping;
}

const SourceKind& sql_kind() {
    static const KindOf<SqlSettings> kind("sql", read_settings, make_sql_source);
    return kind;
}

} // namespace medibridge::connectors
