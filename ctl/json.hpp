#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Internal to the room: values of an answer, read without a fault where one is missing or of
/// another type than it should be.
namespace medibridge::ctl {

/// In the order in which the daemon wrote it.
using Json = nlohmann::ordered_json;

/// The object's value; null where there is none.
const Json& value_in(const Json& object, std::string_view key);
/// As it came: for requests, never for a terminal.
std::string raw_text(const Json& value);
inline std::string raw_text(const Json& object, std::string_view key) {
    return raw_text(value_in(object, key));
}
/// For a terminal; a list's items stand with commas between them, and null is empty.
std::string text_of(const Json& value);
inline std::string text_in(const Json& object, std::string_view key) {
    return text_of(value_in(object, key));
}
std::int64_t number_in(const Json& object, std::string_view key);
bool flag_in(const Json& object, std::string_view key);
/// The items of a list of texts, as they came.
std::vector<std::string> texts_in(const Json& object, std::string_view key);

/// An object; nothing: it is no JSON, or something else.
std::optional<Json> object_of(std::string_view text);
/// As it is sent and printed, on one line.
std::string dumped(const Json& value);

} // namespace medibridge::ctl
