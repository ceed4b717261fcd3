#include "connectors/sql/query.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>
#include <stdexcept>

namespace medibridge::connectors {

namespace {

/// Bytes of UTF-8 beyond ASCII count as letters.
bool begins_name(char c) {
    return base::is_ascii_letter(c) || c == '_' || base::is_beyond_ascii(c);
}

bool is_in_name(char c) {
    return begins_name(c) || base::is_ascii_digit(c);
}

/// How many characters of `rest` a name takes.
std::size_t name_length(std::string_view rest) {
    if (rest.empty() || !begins_name(rest.front())) return 0;
    return static_cast<std::size_t>(std::ranges::find_if_not(rest, is_in_name) - rest.begin());
}

/// The same for a name in the statement itself, where a `$` within it begins no quotation.
std::size_t word_length(std::string_view rest) {
    if (rest.empty() || !begins_name(rest.front())) return 0;
    const auto in_word = [](char c) { return is_in_name(c) || c == '$'; };
    return static_cast<std::size_t>(std::ranges::find_if_not(rest, in_word) - rest.begin());
}

/// The length of what begins like this and ends with `end`; what has no end goes to the end.
std::size_t up_to(std::string_view rest, std::size_t from, std::string_view end) {
    const auto at = rest.find(end, from);
    return at == std::string_view::npos ? rest.size() : at + end.size();
}

std::size_t comment_length(std::string_view rest) {
    int depth = 0;
    for (std::size_t at = 0; at + 1 < rest.size(); ++at) {
        const auto two = rest.substr(at, 2);
        if (two == "/*") {
            ++depth;
            ++at;
        } else if (two == "*/") {
            ++at;
            if (--depth == 0) return at + 1;
        }
    }
    return rest.size();
}

/// `$tag$ … $tag$`; 0 for any other dollar.
std::size_t dollar_length(std::string_view rest) {
    const auto tag = name_length(rest.substr(1));
    const auto end = 1 + tag;
    if (end >= rest.size() || rest[end] != '$') return 0;
    return up_to(rest, end + 1, rest.substr(0, end + 1));
}

/// The length of a quotation or comment at the beginning; 0: none stands there. A doubled quote
/// within a quotation ends it and begins the next one, which comes to the same.
std::size_t skipped_length(std::string_view rest) {
    const char c = rest.front();
    if (c == '\'' || c == '"' || c == '`') return up_to(rest, 1, rest.substr(0, 1));
    if (rest.starts_with("--")) return up_to(rest, 2, "\n");
    if (rest.starts_with("/*")) return comment_length(rest);
    return c == '$' ? dollar_length(rest) : 0;
}

} // namespace

SqlParameters find_sql_parameters(std::string_view sql) {
    SqlParameters found;
    for (std::size_t at = 0; at < sql.size();) {
        const auto rest = sql.substr(at);
        auto length = skipped_length(rest);
        if (length == 0 && rest.starts_with("::")) length = 2;
        if (length == 0) length = word_length(rest);
        if (length == 0 && rest.front() == ':') {
            const auto name = name_length(rest.substr(1));
            if (name > 0) {
                found.names.emplace_back(rest.substr(1, name));
                found.text += '?';
                at += 1 + name;
                continue;
            }
        }
        found.has_question_mark = found.has_question_mark || (length == 0 && rest.front() == '?');
        length = std::max<std::size_t>(length, 1);
        found.text += rest.substr(0, length);
        at += length;
    }
    return found;
}

SqlQuery::SqlQuery(std::string_view sql) {
    auto found = find_sql_parameters(sql);
    text_ = std::move(found.text);
    for (const auto& name : found.names) {
        if (name == "modified_after")
            parameters_.push_back(Parameter::modified_after);
        else if (name == "after_id")
            parameters_.push_back(Parameter::after_id);
        else if (name == "limit")
            parameters_.push_back(Parameter::limit);
        else if (name == "external_id")
            parameters_.push_back(Parameter::external_id);
        else
            throw std::invalid_argument("query: its parameters are :modified_after, :after_id, "
                                        ":limit and :external_id");
    }
}

std::vector<OdbcValue> SqlQuery::values(const SqlPosition& position) const {
    std::vector<OdbcValue> values;
    values.reserve(parameters_.size());
    for (const auto parameter : parameters_) {
        if (parameter == Parameter::modified_after)
            values.emplace_back(position.modified_after);
        else if (parameter == Parameter::after_id)
            values.emplace_back(position.after_id);
        else if (parameter == Parameter::external_id)
            values.emplace_back(position.external_id);
        else
            values.emplace_back(position.limit);
    }
    return values;
}

} // namespace medibridge::connectors
