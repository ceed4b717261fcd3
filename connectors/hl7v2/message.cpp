#include "connectors/hl7v2/message.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"

#include <algorithm>
#include <array>

namespace medibridge::connectors::hl7 {

namespace {

constexpr std::size_t max_segments = 200;
constexpr std::size_t max_fields = 500;
constexpr std::ptrdiff_t max_repetitions = 500;
constexpr std::size_t max_encoding_characters = 5;

bool is_sign(char c) {
    return base::is_ascii_graphic(c) && !base::is_ascii_alphanumeric(c) && c != '"';
}

bool is_kept(std::string_view name) {
    return name == "EVN" || name == "PID" || name == "MRG";
}

/// The segment's name, if it is one: three characters, and then a field or nothing.
std::string_view name_of(std::string_view segment, char separator) {
    if (segment.size() > segment_name_size && segment[segment_name_size] != separator) return {};
    return segment.substr(0, segment_name_size);
}

Hl7Result<Segment> split(std::string_view text, const Delimiters& delimiters) {
    Segment segment;
    segment.name = text.substr(0, segment_name_size);
    const std::string name(segment.name);
    if (std::ranges::count(text, delimiters.field) > static_cast<std::ptrdiff_t>(max_fields))
        return std::unexpected(Refusal(ErrorCode::data_type, name + " has too many fields"));
    if (delimiters.repetition != 0 &&
        std::ranges::count(text, delimiters.repetition) > max_repetitions)
        return std::unexpected(Refusal(ErrorCode::data_type, name + " has too many repetitions"));
    for_each_part(text, delimiters.field,
                  [&segment](std::string_view piece) { segment.pieces.push_back(piece); });
    return segment;
}

bool append_hex(std::string& out, std::string_view digits) {
    const auto bytes = base::from_hex(digits);
    if (!bytes || bytes->empty()) return false;
    out.append(bytes->begin(), bytes->end());
    return true;
}

/// A formatting command (v2.5 §2.7.6): a dot, two letters, perhaps a number.
bool is_format(std::string_view sequence) {
    constexpr std::array<std::string_view, 8> commands{"sp", "br", "fi", "nf",
                                                       "in", "ti", "sk", "ce"};
    if (sequence.size() < 3 || sequence.front() != '.') return false;
    const auto known = std::ranges::find(commands, sequence.substr(1, 2)) != commands.end();
    return known && sequence.find_first_not_of("0123456789+- ", 3) == std::string_view::npos;
}

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, base::is_hex_digit);
}

template <std::size_t size>
bool stands_in(const std::array<std::string_view, size>& events, std::string_view event) {
    return std::ranges::find(events, event) != events.end();
}

constexpr std::array<std::string_view, 6> merges{"A18", "A30", "A34", "A36", "A39", "A40"};
constexpr std::array<std::string_view, 2> renames{"A46", "A47"};

/// What was reported before did not happen.
constexpr std::array<std::string_view, 18> cancellations{"A11", "A12", "A13", "A25", "A26", "A27",
                                                         "A32", "A33", "A38", "A52", "A53", "A55",
                                                         "A62", "Z81", "Z83", "Z85", "Z87", "Z89"};

/// A20: a bed. A23: a visit. A35, A41, A42, A44, A45: accounts and visits. A43: identifiers that
/// stood with the wrong patient. A48 to A51: identifiers that are not ours.
constexpr std::array<std::string_view, 12> other_events{"A20", "A23", "A35", "A41", "A42", "A43",
                                                        "A44", "A45", "A48", "A49", "A50", "A51"};

/// Pre-admission; pending admission, transfer and discharge.
constexpr std::array<std::string_view, 4> planned{"A05", "A14", "A15", "A16"};

} // namespace

bool Delimiters::holds(char c) const {
    return c != 0 && (c == field || c == component || c == repetition || c == escape ||
                      c == subcomponent || c == truncation);
}

std::string_view part(std::string_view whole, char separator, std::size_t n) {
    for (; n > 1; --n) {
        const auto end = separator == 0 ? std::string_view::npos : whole.find(separator);
        if (end == std::string_view::npos) return {};
        whole.remove_prefix(end + 1);
    }
    return separator == 0 ? whole : whole.substr(0, whole.find(separator));
}

std::string_view Segment::field(std::size_t n) const {
    const bool counts_separator = name == "MSH" || name == "BHS" || name == "FHS";
    const std::size_t at = counts_separator ? n - 1 : n;
    return at < pieces.size() ? pieces[at] : std::string_view();
}

std::string_view without_lead(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
    return bytes;
}

Hl7Result<Delimiters> read_delimiters(std::string_view segment) {
    const std::string name(segment.substr(0, segment_name_size));
    const auto wrong = [&name](std::string_view what) {
        return Refusal(ErrorCode::required_field_missing, name + std::string(what));
    };
    if (segment.size() <= segment_name_size || !is_sign(segment[segment_name_size]))
        return std::unexpected(wrong("-1 is not a field separator"));
    Delimiters read;
    read.field = segment[segment_name_size];
    const auto encoding = part(segment, read.field, 2);
    if (encoding.empty()) return std::unexpected(wrong("-2 is empty"));
    if (encoding.size() > max_encoding_characters)
        return std::unexpected(wrong("-2 has too many characters"));
    const std::array<char*, max_encoding_characters> targets{
        &read.component, &read.repetition, &read.escape, &read.subcomponent, &read.truncation};
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const char c = i < encoding.size() ? encoding[i] : '\0';
        if (c != 0 && (!is_sign(c) || encoding.find(c) != i))
            return std::unexpected(
                wrong("-2 holds a character that cannot be a delimiter, or the same one twice"));
        *targets[i] = c;
    }
    return read;
}

Hl7Result<Message> Message::parse(std::string_view bytes) {
    bytes = without_lead(bytes);
    if (!bytes.starts_with("MSH"))
        return std::unexpected(
            Refusal(ErrorCode::segment_sequence, "the message does not begin with MSH"));
    Message message;
    std::optional<Refusal> refusal;
    for_each_segment(bytes, [&](std::string_view text) {
        if (message.segments_.empty()) {
            const auto delimiters = read_delimiters(text);
            if (!delimiters) {
                refusal = delimiters.error();
                return false;
            }
            message.delimiters_ = *delimiters;
        } else {
            const auto name = name_of(text, message.delimiters_.field);
            if (name == "MSH")
                refusal = Refusal(ErrorCode::segment_sequence, "the message has two MSH segments");
            if (message.segments_.size() >= max_segments)
                refusal = Refusal(ErrorCode::segment_sequence, "the message has too many segments");
            if (refusal) return false;
            if (!is_kept(name)) return true;
        }
        auto segment = split(text, message.delimiters_);
        if (segment)
            message.segments_.push_back(std::move(*segment));
        else
            refusal = segment.error();
        return !refusal;
    });
    if (refusal) return std::unexpected(std::move(*refusal));
    return message;
}

const Segment* Message::first(std::string_view name) const {
    const auto found = std::ranges::find(segments_, name, &Segment::name);
    return found == segments_.end() ? nullptr : &*found;
}

std::string_view Message::header_part(std::size_t field, std::size_t n) const {
    const auto first = part(header().field(field), delimiters_.repetition, 1);
    return part(first, delimiters_.component, n);
}

std::string Leaves::text(std::string_view leaf) const {
    const bool escaped =
        delimiters_.escape != 0 && leaf.find(delimiters_.escape) != std::string_view::npos;
    return escaped ? decoder_.text(unescaped(leaf)) : decoder_.text(leaf);
}

std::string Leaves::unescaped(std::string_view leaf) const {
    const char escape = delimiters_.escape;
    std::string out;
    while (!leaf.empty()) {
        const auto begin = std::min(leaf.find(escape), leaf.size());
        out += leaf.substr(0, begin);
        leaf.remove_prefix(begin);
        if (leaf.empty()) break;
        const auto end = leaf.find(escape, 1);
        if (end == std::string_view::npos) {
            // It opens nothing, and neither does anything behind it.
            out += leaf;
            break;
        }
        const bool known = append_escape(out, leaf.substr(1, end - 1));
        if (!known) out += escape;
        leaf.remove_prefix(known ? end + 1 : 1);
    }
    return out;
}

/// False: `sequence` is no escape sequence.
bool Leaves::append_escape(std::string& out, std::string_view sequence) const {
    if (sequence.empty()) return false;
    if (sequence.size() == 1) {
        char sign = 0;
        switch (sequence.front()) {
        case 'F':
            sign = delimiters_.field;
            break;
        case 'S':
            sign = delimiters_.component;
            break;
        case 'T':
            sign = delimiters_.subcomponent;
            break;
        case 'R':
            sign = delimiters_.repetition;
            break;
        case 'E':
            sign = delimiters_.escape;
            break;
        case 'P':
            sign = delimiters_.truncation;
            break;
        case 'H':
        case 'N':
            return true;
        default:
            return false;
        }
        if (sign == 0) return false;
        out += sign;
        return true;
    }
    if (is_format(sequence)) {
        const auto command = sequence.substr(1, 2);
        if (command == "br" || command == "sp") out += '\n';
        return true;
    }
    const auto rest = sequence.substr(1);
    switch (sequence.front()) {
    case 'X':
        return append_hex(out, rest);
    case 'C':
        return rest.size() == 4 && is_hex(rest);
    case 'M':
        return (rest.size() == 4 || rest.size() == 6) && is_hex(rest);
    case 'Z':
        return rest.find(' ') == std::string_view::npos && rest.size() <= 32;
    default:
        return false;
    }
}

Action action_of(std::string_view event) {
    if (stands_in(merges, event)) return Action::merge;
    if (stands_in(renames, event)) return Action::rename;
    if (stands_in(cancellations, event) || stands_in(other_events, event))
        return Action::acknowledge;
    if (event == "A24") return Action::link;
    if (event == "A37") return Action::unlink;
    if (event == "A29") return Action::removal;
    if (event.size() != 3 || !base::is_ascii_digit(event[1]) || !base::is_ascii_digit(event[2]))
        return Action::unknown;
    if (event[0] == 'Z') return Action::snapshot;
    // A19 is a query; the standard has no event behind A62.
    const bool listed = event[0] == 'A' && event >= "A01" && event <= "A62" && event != "A19";
    return listed ? Action::snapshot : Action::unknown;
}

bool is_planned(std::string_view event) {
    return stands_in(planned, event);
}

} // namespace medibridge::connectors::hl7
