#include "sandbox/json_text.hpp"

namespace medibridge::sandbox {

void append_json(std::string& out, std::string_view text) {
    static constexpr char hex[] = "0123456789abcdef";
    out += '"';
    std::size_t clean = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(text, clean, i - clean);
        clean = i + 1;
        if (c == '"' || c == '\\') {
            out += '\\';
            out += static_cast<char>(c);
        } else {
            out += "\\u00";
            out += hex[c >> 4];
            out += hex[c & 15];
        }
    }
    out.append(text, clean);
    out += '"';
}

void JsonObject::key(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += key;
    out_ += "\":";
}

void JsonObject::text(std::string_view name, std::optional<std::string_view> value) {
    if (!value && absent_ == Absent::omit) return;
    key(name);
    if (value)
        append_json(out_, *value);
    else
        out_ += "null";
}

void JsonObject::boolean(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
}

} // namespace medibridge::sandbox
