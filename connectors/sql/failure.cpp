#include "connectors/sql/failure.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/utf8.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

namespace medibridge::connectors {

using Kind = SourceError::Kind;

namespace {

using Stage = OdbcError::Stage;

constexpr std::size_t longest_message = 300;

struct Meaning {
    Kind kind = Kind::unreadable;
    std::string_view fix;
    bool speaks_of_data = false; ///< the driver's words may hold a value
};

bool contains(const OdbcError& error, std::string_view words) {
    return error.message.find(words) != std::string::npos;
}

/// libpq gives no SQLSTATE for a refused login: the server's words are all there is, in the
/// server's language. PostgreSQL's message catalogues, src/backend/po: `password authentication
/// failed for user`.
bool is_refused_login(const OdbcError& error) {
    constexpr std::array<std::string_view, 8> words = {"password authentication failed",
                                                       "no password supplied",
                                                       "no pg_hba.conf entry",
                                                       "authentification par mot de passe",
                                                       "Passwort-Authentifizierung",
                                                       "ORA-01017",
                                                       "ORA-28000",
                                                       "Login failed for user"};
    return error.stage == Stage::connect &&
           std::ranges::any_of(words, [&](std::string_view text) { return contains(error, text); });
}

/// Lost connections that some drivers report as HY000: MariaDB's CR_SERVER_GONE_ERROR and
/// CR_SERVER_LOST; locks that were waited for in vain: MariaDB's 1205, SQLite's BUSY and LOCKED.
bool is_passing(const OdbcError& error) {
    constexpr std::array<std::int32_t, 6> numbers = {2006, 2013, 2055, 1205, 5, 6};
    return std::ranges::find(numbers, error.native) != numbers.end();
}

Meaning refused() {
    return {Kind::unauthorized, "check `connection` (Uid) and `password`", false};
}

Meaning unavailable() {
    return {Kind::unavailable, "", false};
}

Meaning of_statement(std::string_view fix) {
    return {Kind::unreadable, fix, false};
}

Meaning of_connecting(const OdbcError& error) {
    constexpr std::array<std::string_view, 5> no_driver = {"IM002", "IM003", "IM004", "IM010",
                                                           "IM012"};
    if (error.state.starts_with("28") || is_refused_login(error)) return refused();
    if (std::ranges::find(no_driver, error.state) != no_driver.end() || error.state == "01000")
        return of_statement("check that the driver or data source that `connection` names is "
                            "installed (odbcinst -q -d) and can be loaded");
    if (error.state.starts_with("3D")) return of_statement("check the database in `connection`");
    return unavailable();
}

Meaning of_state(const OdbcError& error) {
    const std::string_view state = error.state;
    const auto of_class = [&](std::initializer_list<std::string_view> classes) {
        return std::ranges::any_of(classes, [&](auto its) { return state.starts_with(its); });
    };
    if (of_class({"28"})) return refused();
    if (error.dead || of_class({"08", "40", "HYT", "53", "55", "57"})) return unavailable();
    if (state == "42501")
        return of_statement("the account may not read what `query` names: grant it SELECT");
    if (of_class({"42", "37", "S0"}))
        return of_statement("the database refuses `query`: check its tables, columns and "
                            "syntax, best by running it by hand");
    if (of_class({"07"})) return of_statement("check the parameters of `query`");
    if (of_class({"22"}))
        return {Kind::unreadable,
                "a value does not fit: compare :modified_after with a time and :after_id with a "
                "text (CAST the key to text), and see docs/source-sql.md",
                true};
    if (error.stage == Stage::prepare) return of_statement("the database refuses `query`");
    return {is_passing(error) ? Kind::unavailable : Kind::unreadable, "", true};
}

/// The classes of ISO/IEC 9075-2 §24 and of ODBC, and those of databases and their drivers
/// (PostgreSQL, MariaDB, Oracle, SQL Server, DB2).
bool is_known_class(std::string_view its) {
    static constexpr std::array<std::string_view, 84> classes = {
        "00", "01", "02", "03", "07", "08", "09", "0A", "0B", "0D", "0E", "0F", "0K", "0L",
        "0M", "0N", "0P", "0S", "0T", "0U", "0V", "0W", "0X", "0Y", "0Z", "10", "20", "21",
        "22", "23", "24", "25", "26", "27", "28", "2B", "2C", "2D", "2E", "2F", "2H", "30",
        "31", "33", "34", "35", "36", "37", "38", "39", "3B", "3C", "3D", "3F", "40", "42",
        "44", "45", "46", "51", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63",
        "64", "65", "66", "67", "69", "70", "72", "82", "F0", "HV", "HY", "HZ", "IM", "P0"};
    static constexpr std::array<std::string_view, 4> of_drivers = {"S0", "S1", "XA", "XX"};
    return std::ranges::find(classes, its) != classes.end() ||
           std::ranges::find(of_drivers, its) != of_drivers.end();
}

/// A statement of the database may choose the five characters itself (`RAISE … USING errcode`), and
/// a name fits into them.
std::string shown_state(const std::string& state) {
    constexpr std::size_t size = 5;
    const std::string_view whole = state;
    const bool is_known =
        whole.size() == size && is_known_class(whole.substr(0, 2)) &&
        std::ranges::all_of(
            whole, [](char c) { return base::is_ascii_digit(c) || base::is_ascii_letter(c); }) &&
        std::ranges::any_of(whole.substr(2), base::is_ascii_digit);
    return is_known ? state : "of no known class";
}

/// One line of limited length that does not end within a character.
std::string shortened(const std::string& message) {
    std::string line;
    for (const char c : message)
        line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    if (line.size() <= longest_message) return line;
    return std::string(base::utf8_prefix(line, longest_message)) + "…";
}

} // namespace

SourceError sql_failure(const OdbcError& error, std::span<const std::string> secrets) {
    const auto meaning = error.stage == Stage::connect ? of_connecting(error) : of_state(error);
    const bool tells = std::ranges::any_of(secrets, [&](const std::string& secret) {
        return !secret.empty() && contains(error, secret);
    });
    std::string what = "SQLSTATE " + shown_state(error.state);
    if (error.native != 0) what += " (" + std::to_string(error.native) + ")";
    if (!meaning.fix.empty()) what += ": " + std::string(meaning.fix);
    if (!meaning.speaks_of_data && !tells && !error.message.empty())
        what += "; it says: " + shortened(error.message);
    return {meaning.kind, std::move(what)};
}

} // namespace medibridge::connectors
