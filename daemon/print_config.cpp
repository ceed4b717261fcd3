#include "daemon/print_config.hpp"

#include "config/document.hpp"
#include "config/load.hpp"
#include "config/report.hpp"
#include "daemon/configuration_schema.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>

namespace medibridge::daemon {

namespace {

using config::Node;
using Json = nlohmann::ordered_json;

constexpr std::string_view plain_signs = "_./-:+";
constexpr std::size_t comment_column = 60;

bool is_plain(const std::string& text) {
    return !text.empty() && text.back() != ':' && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               plain_signs.find(static_cast<char>(c)) != std::string_view::npos;
    });
}

/// On one line, as YAML reads it.
std::string flow(const Node& node) {
    std::string text;
    const auto separate = [&] { text += text.empty() ? "" : ", "; };
    switch (node.kind) {
    case Node::Kind::null:
        return "null";
    case Node::Kind::scalar:
        return !node.quoted && is_plain(node.text) ? node.text : Json(node.text).dump();
    case Node::Kind::sequence:
        for (const auto& item : node.items) {
            separate();
            text += flow(item);
        }
        return "[" + text + "]";
    case Node::Kind::mapping:
        break;
    }
    for (const auto& entry : node.entries) {
        separate();
        const bool is_word =
            is_plain(entry.key) && std::isalpha(static_cast<unsigned char>(entry.key.front())) != 0;
        text += (is_word ? entry.key : Json(entry.key).dump()) + ": ";
        text += flow(entry.value);
    }
    return "{" + text + "}";
}

std::string flow(const Json& value) {
    if (value.is_string() && is_plain(value.get<std::string>())) return value.get<std::string>();
    if (!value.is_array()) return value.dump();
    std::string text;
    for (const auto& item : value)
        text += (text.empty() ? "" : ", ") + flow(item);
    return "[" + text + "]";
}

const config::Entry* entry_of(const Node* node, const std::string& key) {
    if (node == nullptr) return nullptr;
    const auto found = std::ranges::find(node->entries, key, &config::Entry::key);
    return found == node->entries.end() ? nullptr : &*found;
}

class Printer {
  public:
    Printer(std::string file, std::ostream& out)
        : schema_(Json::parse(configuration_schema)),
          file_(std::move(file)),
          out_(&out) {}

    void print(const Node& root) { print_section(schema_, &root, {}); }

  private:
    const Json& resolved(const Json& part) const {
        if (!part.contains("$ref")) return part;
        return schema_.at(Json::json_pointer(part["$ref"].get<std::string>().substr(1)));
    }

    /// The alternative that fits what stands there; null: none is a section.
    const Json* section_of(const Json& part, const Node* node) const {
        const auto& it = resolved(part);
        if (it.contains("properties")) return &it;
        if (!it.contains("oneOf") || node == nullptr) return nullptr;
        for (const auto& one : it["oneOf"]) {
            const auto* section = section_of(one, node);
            if (section != nullptr && fits(*section, *node)) return section;
        }
        return nullptr;
    }
    bool fits(const Json& section, const Node& node) const {
        if (node.kind != Node::Kind::mapping) return false;
        const auto& properties = section["properties"];
        const auto* type = entry_of(&node, "type");
        if (type != nullptr && properties.contains("type"))
            return properties["type"]["const"] == type->value.text;
        return std::ranges::all_of(
            node.entries, [&](const auto& entry) { return properties.contains(entry.key); });
    }

    void line(std::string text, const std::string& origin) {
        text.resize(std::max(text.size(), comment_column), ' ');
        *out_ << text << " # " << origin << '\n';
    }
    std::string origin_of(const config::Entry& entry, bool is_secret) const {
        auto origin = file_ + ":" + std::to_string(entry.place.line);
        if (is_secret) origin += "; the secret that it names is not shown";
        return origin;
    }

    /// Without a node: its defaults.
    void print_section(const Json& section, const Node* node, const std::string& indent) {
        for (const auto& [key, part] : section["properties"].items()) {
            const auto* entry = entry_of(node, key);
            if (entry != nullptr) {
                print_entry(part, *entry, indent);
            } else if (part.contains("default")) {
                line(indent + key + ": " + flow(part["default"]), "default");
            } else if (has_defaults(part)) {
                *out_ << indent << key << ":\n";
                print_section(resolved(part), nullptr, indent + "  ");
            }
        }
    }
    /// A section that may be left out, and then means its defaults.
    bool has_defaults(const Json& part) const {
        const auto& it = resolved(part);
        return it.contains("properties") && it.contains("type") && it["type"].is_array() &&
               std::ranges::any_of(it["properties"], [&](const Json& inner) {
                   return inner.contains("default") || has_defaults(inner);
               });
    }

    void print_entry(const Json& part, const config::Entry& entry, const std::string& indent) {
        const bool is_secret = part.value("$ref", "") == "#/definitions/secret";
        const auto* section = is_secret ? nullptr : section_of(part, &entry.value);
        if (section != nullptr && entry.value.kind != Node::Kind::scalar &&
            part.value("$ref", "") != "#/definitions/field") {
            *out_ << indent << entry.key << ":\n";
            print_section(*section, &entry.value, indent + "  ");
        } else if (entry.value.kind == Node::Kind::sequence && resolved(part).contains("items") &&
                   resolved(part)["items"].contains("oneOf")) {
            *out_ << indent << entry.key << ":\n";
            print_items(resolved(part)["items"], entry.value, indent + "  ");
        } else {
            line(indent + entry.key + ": " + flow(entry.value), origin_of(entry, is_secret));
        }
    }
    void print_items(const Json& part, const Node& list, const std::string& indent) {
        for (const auto& item : list.items) {
            *out_ << indent << "-\n";
            if (const auto* section = section_of(part, &item))
                print_section(*section, &item, indent + "  ");
        }
    }

    Json schema_;
    std::string file_;
    std::ostream* out_;
};

} // namespace

void print_config(const std::string& text, const std::string& name, std::ostream& out) {
    const auto environment = config::process_environment();
    config::Report report(name, environment);
    const auto root = config::read_document(text, report);
    if (root) Printer(name, out).print(*root);
}

} // namespace medibridge::daemon
