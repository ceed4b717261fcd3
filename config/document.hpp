#pragma once

#include "config/report.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::config {

struct Entry;

/// One value of a YAML document as it stands in the text: keys in their order, duplicates kept,
/// scalars as written. yaml-cpp's own tree keeps the first of two equal keys, merges nothing and
/// guesses types silently; this tree leaves that to the reader.
struct Node {
    enum class Kind { null, scalar, sequence, mapping };

    Kind kind = Kind::null;
    Place place;
    bool quoted = false; ///< a scalar in quotes, or a block scalar: certainly text
    std::string text;    ///< a scalar's
    std::vector<Node> items;
    std::vector<Entry> entries;
};

struct Entry {
    std::string key;
    Place place; ///< of the key
    Node value;
};

/// `a mapping`, `a list`, `text`, `nothing`.
std::string_view name(Node::Kind kind);

/// Largest file that is read, in bytes.
inline constexpr std::size_t max_document_size = 1u << 20;

/// Reads one document. Refuses, as mistakes of the report: syntax errors, bytes that are not UTF-8,
/// control characters, a second document, anchors, aliases, merge keys, tags, keys that are not
/// text and duplicate keys. Nothing if the text cannot be read as YAML.
std::optional<Node> read_document(const std::string& text, Report& report);

} // namespace medibridge::config
