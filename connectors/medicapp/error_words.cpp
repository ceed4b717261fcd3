#include "connectors/medicapp/error_words.hpp"

#include "base/bytes/ascii.hpp"
#include "base/log/peer_word.hpp"

#include <algorithm>
#include <vector>

namespace medibridge::connectors {
namespace {

/// Words of HTTP's reason phrases, of this interface's fields, and of what is wrong with them.
const std::vector<std::string_view> known_words{
    "ACCESS",     "ADDRESS",     "AFTER",         "ALLOWED",     "ALREADY",      "API",
    "ARGUMENT",   "AUTH",        "BAD",           "BUSY",        "REVOKED",      "LOCKED",
    "PERMISSION", "CREDENTIALS", "DATABASE",      "OVERLOADED",  "OPERATION",    "STATE",
    "LENGTH",     "MALFORMED",   "INACTIVE",      "DELETED",     "PRECONDITION", "SUPPORTED",
    "NULL",       "EMPTY",       "WRITE",         "PATIENT",     "USER",         "ACCOUNT",
    "CONSTRAINT", "VIOLATION",   "BIRTH",         "BIRTHDATE",   "BODY",         "CITY",
    "CODE",       "CONFLICT",    "CONTENT",       "COUNTRY",     "CREATED",      "DATE",
    "DENIED",     "DUPLICATE",   "EMAIL",         "ERROR",       "EXCEEDED",     "EXISTS",
    "EXPIRED",    "EXTERNAL",    "EXTERNALID",    "FAILED",      "FIELD",        "FIRST",
    "FIRSTNAME",  "FORBIDDEN",   "FORMAT",        "GATEWAY",     "GENDER",       "GONE",
    "INTERNAL",   "INVALID",     "JSON",          "KEY",         "LARGE",        "LAST",
    "LASTNAME",   "LIMIT",       "LIMITED",       "LONG",        "MANY",         "MAINTENANCE",
    "MEDIA",      "METHOD",      "MISSING",       "MODIFIED",    "NAME",         "NOT",
    "FOUND",      "OOPS",        "PAGE",          "PARAMETER",   "PARAMS",       "PAYLOAD",
    "PER",        "PHONE",       "POSTAL",        "POSTALCODE",  "QUERY",        "QUOTA",
    "RATE",       "READ",        "REFUSED",       "REQUEST",     "REQUESTS",     "REQUIRED",
    "RESOURCE",   "RIGHT",       "ROUTE",         "SCHEMA",      "SERVER",       "SERVICE",
    "SHORT",      "SPACE",       "STREET",        "TAKEN",       "TEMPLATE",     "TEMPORARILY",
    "TIMEOUT",    "TOKEN",       "TOO",           "TYPE",        "UNAUTHORIZED", "UNAVAILABLE",
    "UNIQUE",     "UNKNOWN",     "UNPROCESSABLE", "UNSUPPORTED", "VALIDATION",   "VALUE",
    "WRONG",      "YOURS"};

const log::PeerWords& code_words() {
    static const auto words = log::PeerWords().knowing(known_words);
    return words;
}

bool is_one_word(std::string_view text) {
    constexpr std::size_t longest = 64;
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
        return base::is_ascii_alphanumeric(c) || c == '_' || c == '-' || c == '.' || c == ':';
    });
}

/// https://github.com/ulid/spec: 26 digits in Crockford's base 32; the first two say 2005 to 2039.
bool is_ulid(std::string_view text) {
    constexpr std::size_t size = 26;
    return text.size() == size && text.starts_with("01") && std::ranges::all_of(text, [](char c) {
               constexpr std::string_view left_out = "ILOUilou";
               return base::is_ascii_alphanumeric(c) && left_out.find(c) == std::string_view::npos;
           });
}

/// Digits alone may be a birth date and a phone number, and letters alone a name.
bool is_random_hex(std::string_view text) {
    constexpr std::size_t shortest = 16;
    return text.size() >= shortest && std::ranges::all_of(text, base::is_hex_digit) &&
           std::ranges::any_of(text, base::is_ascii_digit) &&
           std::ranges::any_of(text, base::is_ascii_letter);
}

} // namespace

std::string shown_error_code(std::string_view said) {
    if (!is_one_word(said)) return {};
    // A colon separates as a dot does.
    std::string dotted(said);
    std::ranges::replace(dotted, ':', '.');
    return code_words()(dotted) == dotted ? std::string(said) : code_words()(said);
}

std::string shown_request_id(std::string_view said) {
    if (!is_one_word(said)) return {};
    auto rest = said;
    for (const std::string_view before :
         {"req_", "req-", "request_", "request-", "trace-", "trace_"}) {
        if (said.starts_with(before)) rest = said.substr(before.size());
    }
    if (is_ulid(rest) || is_random_hex(rest) || log::PeerWords()(rest) == rest)
        return std::string(said);
    return shown_error_code(said);
}

} // namespace medibridge::connectors
