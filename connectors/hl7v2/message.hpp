#pragma once

#include "connectors/hl7v2/charset.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors::hl7 {

/// Characters of a segment's name (HL7 v2.5 §2.5.2).
inline constexpr std::size_t segment_name_size = 3;

/// Codes of HL7 table 0357, for ERR-3.
enum class ErrorCode {
    segment_sequence = 100,
    required_field_missing = 101,
    data_type = 102,
    table_value = 103,
    message_type = 200,
    event_code = 201,
    processing_id = 202,
    version_id = 203,
    unknown_key = 204,
    internal = 207,
};

/// Why a message is refused, in fixed words that quote nothing of it.
class Refusal {
  public:
    Refusal() = default;
    Refusal(ErrorCode its_code, std::string its_reason)
        : code(its_code),
          reason(std::move(its_reason)) {}

    ErrorCode code = ErrorCode::internal;
    std::string reason;
};

template <class T>
using Hl7Result = std::expected<T, Refusal>;

/// The signs of one message (HL7 v2.5 §2.5.4), from MSH-1 and MSH-2. 0: the message has none.
struct Delimiters {
    char field = '|';
    char component = '^';
    char repetition = '~';
    char escape = '\\';
    char subcomponent = '&';
    char truncation = 0; ///< v2.7

    bool holds(char c) const;
};

/// The n-th part, from 1; empty where there are fewer. Without a separator the whole is part 1.
std::string_view part(std::string_view whole, char separator, std::size_t n);

/// Calls `take(part)` for each part; a whole that is empty has none.
template <class Take>
void for_each_part(std::string_view whole, char separator, const Take& take) {
    while (!whole.empty()) {
        const auto end = separator == 0 ? std::string_view::npos : whole.find(separator);
        take(whole.substr(0, end));
        if (end == std::string_view::npos) return;
        whole.remove_prefix(end + 1);
    }
}

/// One line of a message. Views into the message's bytes.
class Segment {
  public:
    std::string_view name;
    std::vector<std::string_view> pieces; ///< between field separators, the name first

    /// The n-th field as the standard counts (MSH-1 is the separator itself: ask for 2 and up
    /// there); empty where there is none.
    std::string_view field(std::size_t n) const;
};

/// A message whose segments are split, fields unread: nothing is unescaped or decoded yet.
///
/// Segments end with CR, and LF behind it is dropped; where there is no CR anywhere, LF ends them.
/// Only MSH, EVN, PID and MRG are kept. Limits, each a refusal: 200 of these segments, 500 fields a
/// segment, 500 repetitions a segment.
class Message {
  public:
    /// `bytes` must outlive it.
    static Hl7Result<Message> parse(std::string_view bytes);

    const Delimiters& delimiters() const { return delimiters_; }
    const Segment& header() const { return segments_.front(); }
    /// In the order of the message; the header first.
    const std::vector<Segment>& segments() const { return segments_; }
    const Segment* first(std::string_view name) const;
    /// Component `n` of the header's field `field`, in its first repetition.
    std::string_view header_part(std::size_t field, std::size_t n) const;

  private:
    Delimiters delimiters_;
    std::vector<Segment> segments_;
};

/// The delimiters of a segment such as MSH, FHS or BHS, which begins with its name.
Hl7Result<Delimiters> read_delimiters(std::string_view segment);

/// Calls `take(segment)` for each line of a message or batch, without its end; empty ones are left
/// out. `take` gives false to end.
template <class Take>
void for_each_segment(std::string_view bytes, const Take& take) {
    const bool by_cr = bytes.find('\r') != std::string_view::npos;
    while (!bytes.empty()) {
        const auto end = bytes.find(by_cr ? '\r' : '\n');
        auto segment = bytes.substr(0, end);
        while (segment.starts_with('\n'))
            segment.remove_prefix(1);
        if (!segment.empty() && !take(segment)) return;
        if (end == std::string_view::npos) return;
        bytes.remove_prefix(end + 1);
    }
}

/// `bytes` without a leading byte order mark, blanks and line ends.
std::string_view without_lead(std::string_view bytes);

/// Turns leaves of one message (what no delimiter divides further) into UTF-8.
class Leaves {
  public:
    Leaves(const Delimiters& delimiters, Decoder decoder)
        : delimiters_(delimiters),
          decoder_(std::move(decoder)) {}

    const Delimiters& delimiters() const { return delimiters_; }

    /// Unescaped (HL7 v2.5 §2.7), then decoded: `\X..\` gives bytes of the character set, `\.br\`
    /// and `\.sp\` a line feed; highlighting, other formatting, local sequences and switches of
    /// character sets vanish. What is no escape sequence stays as it is, a lone `\` too.
    std::string text(std::string_view leaf) const;

  private:
    std::string unescaped(std::string_view leaf) const;
    bool append_escape(std::string& out, std::string_view sequence) const;

    Delimiters delimiters_;
    Decoder decoder_;
};

/// HL7's explicit emptiness (v2.5 §2.5.3).
constexpr bool is_null(std::string_view leaf) {
    return leaf == "\"\"";
}

/// What an ADT event means for the patients (HL7 v2.5 chapter 3).
enum class Action {
    snapshot,    ///< PID is the patient as they are now
    merge,       ///< MRG's patient became PID's: A40, and A18 A30 A34 A36 A39
    rename,      ///< the patient's identifier changed: A47, and A46
    removal,     ///< the person was deleted: A29
    link,        ///< A24: recorded, and nothing else
    unlink,      ///< A37: likewise
    acknowledge, ///< cancellations, accounts, visits: nothing about patients
    unknown,     ///< no event of an ADT message
};

/// `event` is MSH-9's trigger event. Local events (Z…) are snapshots, except those by which PAM
/// France cancels something.
Action action_of(std::string_view event);

/// Whether the event announces something planned: senders then write the planned time in EVN-2, not
/// the time of writing.
bool is_planned(std::string_view event);

} // namespace medibridge::connectors::hl7
