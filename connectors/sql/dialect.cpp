#include "connectors/sql/dialect.hpp"

#include "connectors/mapping/time_text.hpp"

#include <array>
#include <utility>

namespace medibridge::connectors {
namespace {

// What psqlODBC makes of the ends of PostgreSQL's time, and of years beyond four digits.
constexpr std::string_view shown_minus_infinity = "9999-01-01";
constexpr std::string_view shown_infinity = "9999-12-31 23:59:59";
constexpr std::string_view shown_infinite_day = "0000-00-00"; // both ends
constexpr std::string_view no_month = "-00-00";
constexpr std::size_t behind_year = 4;
constexpr std::string_view before_christ = " BC";

} // namespace

SqlDialect::SqlDialect(std::string_view product) {
    constexpr std::array<std::pair<std::string_view, Product>, 6> known{{
        {"PostgreSQL", Product::postgres},
        {"MariaDB", Product::mysql},
        {"MySQL", Product::mysql},
        {"SQLite", Product::sqlite},
        {"Microsoft SQL Server", Product::sql_server},
        {"Oracle", Product::oracle},
    }};
    for (const auto& [name, its] : known)
        if (product.starts_with(name)) product_ = its;
}

std::vector<std::string> SqlDialect::beginnings() const {
    std::vector<std::string> texts;
    // The least of all texts; a column of times refuses it, or takes it for a day 0. SQL Server
    // would take it for 1900-01-01, and Oracle for NULL.
    if (product_ == Product::postgres || product_ == Product::mysql || product_ == Product::sqlite)
        texts.emplace_back();
    if (product_ == Product::postgres) texts.emplace_back("-infinity");
    if (product_ == Product::mysql) texts.emplace_back("0000-00-00 00:00:00");
    // The first day of the standard's types, of SQL Server's datetime, and of its smalldatetime.
    for (const auto* day : {"0001-01-01", "1753-01-01", "1900-01-01"})
        texts.push_back(std::string(day) + " 00:00:00");
    return texts;
}

std::optional<std::string> SqlDialect::bound_for(std::string_view shown) const {
    if (product_ == Product::postgres) {
        if (shown.find(no_month) == behind_year) return std::nullopt;
        if (shown.starts_with(shown_minus_infinity) && shown.ends_with(before_christ))
            return "-infinity";
    }
    return std::string(shown);
}

bool SqlDialect::may_be_infinity(std::string_view shown) const {
    return product_ == Product::postgres &&
           (shown == shown_infinity || shown == shown_infinite_day);
}

bool SqlDialect::may_be_minus_infinity(std::string_view shown) const {
    return product_ == Product::postgres && shown == shown_infinite_day;
}

std::string_view SqlDialect::clock_query() const {
    switch (product_) {
    case Product::postgres:
        return "SELECT FLOOR(EXTRACT(EPOCH FROM clock_timestamp()))";
    case Product::mysql:
        return "SELECT UNIX_TIMESTAMP()";
    case Product::sqlite:
        return "SELECT strftime('%s', 'now')";
    case Product::sql_server:
        return "SELECT CONVERT(varchar(19), SYSUTCDATETIME(), 126)";
    case Product::oracle:
        return "SELECT TO_CHAR(SYS_EXTRACT_UTC(SYSTIMESTAMP), 'YYYY-MM-DD\"T\"HH24:MI:SS') FROM "
               "DUAL";
    case Product::other:
        break;
    }
    return {};
}

std::optional<reconcile::Instant> SqlDialect::read_clock(std::string_view text) {
    if (const auto time = read_iso(text)) return moment(*time, TimeZone("UTC")).instant;
    TextCursor cursor(text);
    const auto seconds = cursor.take_number(1, 12);
    if (!seconds || !cursor.at_end()) return std::nullopt;
    return reconcile::Instant(std::chrono::seconds(*seconds));
}

std::string_view SqlDialect::session_query() const {
    if (product_ == Product::mysql) return "SELECT CONNECTION_ID()";
    return {};
}

std::string SqlDialect::ending_of(std::string_view number) {
    TextCursor cursor(number);
    if (!cursor.take_number(1, 18) || !cursor.at_end()) return {};
    return "KILL " + std::string(number);
}

} // namespace medibridge::connectors
