#pragma once

#include "connectors/mapping/raw_value.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// How this program reads JSON: one parser, and a visitor for each purpose. It is our own, as a
/// page of many megabytes must take no memory beside its text, and what one value spoils must not
/// take the page with it; nlohmann/json says in tests what it must say.
namespace medibridge::connectors {

/// Receives a document part by part, in order, so that no tree of it is built. Each call may return
/// false to end the reading.
class JsonVisitor {
  public:
    virtual ~JsonVisitor() = default;
    /// Null, a boolean, a number or a text. `written` is the text, or the number as it is written;
    /// it is valid during the call only.
    virtual bool scalar(RawValue::Kind kind, std::string_view written) = 0;
    /// A list or an object begins; it ends with close().
    virtual bool open(bool list) = 0;
    virtual bool close() = 0;
    /// The name of the member whose value comes next.
    virtual bool name(std::string_view name) = 0;

  protected:
    /// Within open() and close(): how many bytes of the text were read, the bracket included.
    std::size_t position() const { return position_; }

  private:
    friend class JsonParser;
    std::size_t position_ = 0;
};

/// How a reading ended.
struct JsonEnd {
    bool complete = false;                ///< all of the document was visited
    std::optional<std::size_t> broken_at; ///< from this byte on the text is not JSON
};

/// Reads strictly (RFC 8259). Throws nothing of its own; the visitor may have been called before
/// the text turns out not to be JSON.
JsonEnd parse_json(std::string_view text, JsonVisitor& visitor);

/// The same, with repaired_json() where the text needs it. Returns json_fault() of a text that is
/// not JSON; else the empty text.
std::string parse_repaired_json(std::string_view text, JsonVisitor& visitor);

/// What stands in a repaired text for a number that cannot be read: it has an exponent, so that no
/// identifier or text is taken from it.
inline constexpr std::string_view unreadable_number = "9e307";

/// The text as a strict parser accepts it: what cannot be read spoils only its own value (RFC 8259
/// §7, §8.2 and §9 leave it to the reader what to do):
///
/// - in a string, a byte that is not UTF-8, half a surrogate pair and an escape that does not exist
///   become U+FFFD, the mark of a lost character; a control character is escaped;
/// - within a list or an object, a number beyond what is finite, `NaN`, `007` and any other bare
///   word become `unreadable_number`.
///
/// The structure stays as it is: the parser still refuses a text that is cut off or is not JSON. So
/// does a text stay that repairs would make more than twice as long: it is something else than JSON
/// in a wrong character set, and must not take a multiple of its memory.
/// Nothing: the text stays as it is. Throws only std::bad_alloc.
std::optional<std::string> repaired_json(std::string_view text);

/// What is wrong with a text that a parser refuses at byte `position`, without quoting it: `not
/// JSON: an HTML page`.
std::string json_fault(std::string_view text, std::size_t position);

} // namespace medibridge::connectors
