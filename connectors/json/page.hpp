#pragma once

#include "connectors/mapping/raw_value.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// Which places of a JSON document matter: an array of records, some values of each record, and
/// some values of the document. Made once from JSON pointers (RFC 6901).
class JsonOutline {
  public:
    /// `records` points at the array (empty: the document itself), `document_places` are absolute
    /// and `record_places` relative to a record. An empty document place is never found.
    /// Throws std::invalid_argument for what is no JSON pointer.
    JsonOutline(std::string_view records, std::span<const std::string> document_places,
                std::span<const std::string> record_places);

    static constexpr std::int32_t none = -1;

    struct Node {
        std::string token;
        std::optional<std::size_t> index; ///< the token as an array index, where it can be one
        std::vector<std::int32_t> slots;  ///< values wanted here, as positions in the places
        std::vector<std::int32_t> children;
        bool of_record = false;
    };

    const Node& node(std::int32_t number) const { return nodes_[static_cast<std::size_t>(number)]; }
    std::size_t nodes() const { return nodes_.size(); }
    std::int32_t document() const { return 0; }
    std::int32_t record() const { return record_; }
    std::int32_t records() const { return records_; }
    std::size_t document_places() const { return document_places_; }
    std::size_t record_places() const { return record_places_; }
    /// The child for a member's name or an element's index; `none` where nothing below matters.
    std::int32_t child(std::int32_t parent, std::string_view name) const;
    std::int32_t child(std::int32_t parent, std::size_t index) const;

  private:
    std::int32_t add(std::int32_t root, std::string_view pointer);

    std::vector<Node> nodes_;
    std::int32_t records_ = 0;
    std::int32_t record_ = 0;
    std::size_t document_places_ = 0;
    std::size_t record_places_ = 0;
};

/// What a document holds besides its records.
class JsonPage {
  public:
    JsonPage() = default;

    std::vector<RawValue> values; ///< one for each document place
    std::size_t records = 0;
    bool has_list = false; ///< a list, or null, stands where `records` points
    /// Where its first record may begin, in the text as it was read; nothing: there is no list.
    std::optional<std::size_t> records_at;
    /// Set: the document cannot be used. Says what is wrong and where, without any of its text.
    std::optional<std::string> fault;
};

/// Called for each record in its order, with one value for each record place; nothing if the
/// record is no object. The values are valid during the call only.
using RecordSink = std::function<void(std::optional<std::span<const RawValue>>)>;

/// Reads a document in one pass that keeps only one record's wanted values, of which a text of more
/// than 64 KiB is `oversized`. What repaired_json() repairs spoils one value only; if a name is in
/// an object twice, the last one counts. Never throws, whatever the input; after a fault the sink
/// may have been called.
JsonPage read_json_page(std::string_view body, const JsonOutline& outline, const RecordSink& sink);

/// The records of a document some at a time, so that however many there are, little more than the
/// text itself is in memory.
class JsonRecords {
  public:
    /// `page` is what read_json_page() said of this body, without a fault. The outline must outlive
    /// this object.
    JsonRecords(std::string body, const JsonOutline& outline, const JsonPage& page);

    /// Calls the sink for each of the next records, `most` at most, as read_json_page() did.
    void read(std::size_t most, const RecordSink& sink);
    /// Whether no record follows.
    bool at_end() const { return at_ >= text_.size(); }

  private:
    void skip_to_record();

    const JsonOutline* outline_;
    std::string text_;
    std::size_t at_;
};

} // namespace medibridge::connectors
