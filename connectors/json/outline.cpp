#include "connectors/json/page.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace medibridge::connectors {
namespace {

/// RFC 6901 §4: digits without a leading zero.
std::optional<std::size_t> as_index(std::string_view token) {
    if (token.empty() || (token.size() > 1 && token.front() == '0')) return std::nullopt;
    std::size_t index = 0;
    const auto [end, failure] = std::from_chars(token.data(), token.data() + token.size(), index);
    if (failure != std::errc() || end != token.data() + token.size()) return std::nullopt;
    return index;
}

std::string unescaped(std::string_view token, std::string_view pointer) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] != '~') {
            out += token[i];
            continue;
        }
        const char next = i + 1 < token.size() ? token[i + 1] : 0;
        if (next != '0' && next != '1')
            throw std::invalid_argument(
                "\"" + std::string(pointer) +
                "\" is not a JSON pointer: ~ is written ~0, and / in a name ~1");
        out += next == '0' ? '~' : '/';
        ++i;
    }
    return out;
}

} // namespace

JsonOutline::JsonOutline(std::string_view records, std::span<const std::string> document_places,
                         std::span<const std::string> record_places)
    : document_places_(document_places.size()),
      record_places_(record_places.size()) {
    nodes_.emplace_back(); // the document
    records_ = add(0, records);
    for (std::size_t i = 0; i < document_places.size(); ++i) {
        if (document_places[i].empty()) continue;
        const auto place = add(0, document_places[i]);
        nodes_[static_cast<std::size_t>(place)].slots.push_back(static_cast<std::int32_t>(i));
    }
    record_ = static_cast<std::int32_t>(nodes_.size());
    nodes_.emplace_back();
    for (std::size_t i = 0; i < record_places.size(); ++i) {
        const auto place = add(record_, record_places[i]);
        nodes_[static_cast<std::size_t>(place)].slots.push_back(static_cast<std::int32_t>(i));
    }
    for (auto at = static_cast<std::size_t>(record_); at < nodes_.size(); ++at)
        nodes_[at].of_record = true;
}

std::int32_t JsonOutline::add(std::int32_t root, std::string_view pointer) {
    if (!pointer.empty() && pointer.front() != '/')
        throw std::invalid_argument(
            "\"" + std::string(pointer) +
            "\" is not a JSON pointer: it begins with /, as in /contact/mail");
    auto at = root;
    auto rest = pointer;
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const auto end = std::min(rest.find('/'), rest.size());
        auto token = unescaped(rest.substr(0, end), pointer);
        rest.remove_prefix(end);
        auto next = child(at, std::string_view(token));
        if (next == none) {
            next = static_cast<std::int32_t>(nodes_.size());
            nodes_[static_cast<std::size_t>(at)].children.push_back(next);
            auto& made = nodes_.emplace_back();
            made.index = as_index(token);
            made.token = std::move(token);
        }
        at = next;
    }
    return at;
}

std::int32_t JsonOutline::child(std::int32_t parent, std::string_view name) const {
    for (const auto number : node(parent).children) {
        if (node(number).token == name) return number;
    }
    return none;
}

std::int32_t JsonOutline::child(std::int32_t parent, std::size_t index) const {
    for (const auto number : node(parent).children) {
        if (node(number).index == index) return number;
    }
    return none;
}

} // namespace medibridge::connectors
