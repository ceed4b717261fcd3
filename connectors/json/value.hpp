#pragma once

#include "connectors/mapping/raw_value.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::connectors {

/// A JSON document, or a part of one. A missing part is a value too, of the kind `absent`, so that
/// a path can be followed without checks.
class JsonValue {
  public:
    using Kind = RawValue::Kind;

    JsonValue() = default;

    Kind kind() const { return kind_; }
    bool is_absent() const { return kind_ == Kind::absent || kind_ == Kind::null; }
    bool is_text() const { return kind_ == Kind::text; }
    bool is_object() const { return kind_ == Kind::composite && !list_; }
    bool is_list() const { return kind_ == Kind::composite && list_; }
    bool is_true() const { return kind_ == Kind::boolean && text_ == "true"; }
    bool is_false() const { return kind_ == Kind::boolean && text_ == "false"; }
    /// An item that was streamed, and that held more than was kept of it: it is empty.
    bool is_oversized() const { return kind_ == Kind::oversized; }

    /// The text of a JSON string; empty for everything else.
    std::string_view text() const { return is_text() ? std::string_view(text_) : ""; }
    /// A scalar as it is written, a string without its quotes.
    std::string_view written() const { return text_; }
    /// A whole number that is not negative.
    std::optional<std::int64_t> count() const;

    /// A member of an object, the last of that name.
    const JsonValue& operator[](std::string_view name) const;
    /// The names of an object's members, in their order; none for everything else.
    std::span<const std::string> names() const { return names_; }
    /// The items of a list; none for everything else.
    std::span<const JsonValue> items() const;

  private:
    friend class JsonBuilder;

    Kind kind_ = Kind::absent;
    bool list_ = false;
    std::string text_;
    std::vector<std::string> names_; ///< of the members, for an object
    std::vector<JsonValue> values_;  ///< its members, or the items of a list
};

/// Which parts of a document are kept, and which are passed to the sink one by one.
class JsonShape {
  public:
    JsonShape() = default;

    /// The member of the document whose items go to the sink and are not kept.
    std::string_view streamed;
    /// Whether a member is kept: its name and how many objects enclose it. Empty: all are.
    bool (*keep)(std::string_view name, std::size_t depth) = nullptr;
};

/// Called for each item of the member that is streamed. The value may be moved from.
using JsonSink = std::function<void(JsonValue&)>;

/// A document that was read, or why it cannot be read, without quoting it.
class JsonDocument {
  public:
    JsonDocument() = default;

    JsonValue root;
    std::string fault; ///< empty: none
};

/// Reads a document, repaired_json() where it needs it. Values deeper than 64 levels are left out.
/// An item that is streamed is kept up to 10,000 values and 1 MiB of text, and is_oversized()
/// beyond; a document with more than 200,000 values or 8 MiB of text besides has a fault. Throws
/// only std::bad_alloc, whatever the input; after a fault the sink may have been called.
JsonDocument read_json(std::string_view body, const JsonShape& shape = {},
                       const JsonSink& sink = {});

} // namespace medibridge::connectors
