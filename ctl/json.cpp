#include "ctl/json.hpp"

#include "ctl/clean.hpp"

namespace medibridge::ctl {

const Json& value_in(const Json& object, std::string_view key) {
    static const Json null;
    if (!object.is_object()) return null;
    const auto found = object.find(std::string(key));
    return found == object.end() ? null : *found;
}

std::string raw_text(const Json& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return value.get_ref<const std::string&>();
    return dumped(value);
}

std::string text_of(const Json& value) {
    if (!value.is_array()) return clean(raw_text(value));
    std::string text;
    for (const Json& item : value)
        text += (text.empty() ? "" : ", ") + text_of(item);
    return text;
}

std::int64_t number_in(const Json& object, std::string_view key) {
    const Json& value = value_in(object, key);
    return value.is_number() ? value.get<std::int64_t>() : 0;
}

bool flag_in(const Json& object, std::string_view key) {
    const Json& value = value_in(object, key);
    return value.is_boolean() && value.get<bool>();
}

std::vector<std::string> texts_in(const Json& object, std::string_view key) {
    std::vector<std::string> texts;
    const Json& value = value_in(object, key);
    if (value.is_array())
        for (const Json& item : value)
            texts.push_back(raw_text(item));
    return texts;
}

std::optional<Json> object_of(std::string_view text) {
    Json value = Json::parse(text, nullptr, false);
    if (!value.is_object()) return std::nullopt;
    return value;
}

std::string dumped(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace medibridge::ctl
