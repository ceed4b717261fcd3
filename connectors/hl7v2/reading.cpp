#include "connectors/hl7v2/reading.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "connectors/hl7v2/message.hpp"
#include "connectors/hl7v2/patient.hpp"
#include "connectors/hl7v2/time.hpp"
#include "connectors/inbox/bounds.hpp"
#include "connectors/inbox/record_merge.hpp"
#include "connectors/mapping/choice.hpp"
#include "reconcile/normal_form.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace medibridge::connectors::hl7 {

using reconcile::Fact;
using reconcile::Field;
using reconcile::FieldValue;
using reconcile::SourceRecord;

namespace {

constexpr std::size_t max_control_id = 199; ///< bytes of MSH-10 (v2.7; earlier versions: 20)
constexpr std::size_t shown_digest = 8;     ///< bytes

/// Fits HL7's 20 characters, with a letter before and behind it.
std::string control_of(const ContentDigest& digest) {
    return "M" + base::ascii_upper_case(base::hex(std::span(digest).first(shown_digest)));
}

std::string_view event_of(const Message& message) {
    const auto event = reconcile::trim(message.header_part(9, 2));
    if (!event.empty()) return event;
    const auto* evn = message.first("EVN");
    return evn == nullptr ? std::string_view()
                          : reconcile::trim(part(evn->field(1), message.delimiters().component, 1));
}

bool is_too_long(const std::string& id) {
    return id.size() > reconcile::external_id_limit;
}

/// Numbers of one PID-3 are one patient's, whichever of them counts.
void note_numbers(const std::vector<std::string>& numbers, SourceRecord& record) {
    for (const auto& number : numbers)
        if (is_usable_external_id(number)) add_prior_ids({number}, record);
}

Refusal refusal(ErrorCode code, std::string_view reason) {
    return {code, std::string(reason)};
}

} // namespace

/// The work on one message that could be split.
class MessageReader::Work {
  public:
    Work(MessageReader& reader, const Message& message, Leaves leaves, Reading& result,
         reconcile::Instant now)
        : reader_(reader),
          message_(message),
          leaves_(std::move(leaves)),
          result_(result),
          clock_(reader.zone_),
          rules_{leaves_, clock_, now, reader_.region_},
          day_(time_text(now).substr(0, 8)) {
        read_times();
    }

    /// Takes the records of the message. Returns what is wrong with its data, if anything.
    std::optional<Refusal> take(Action action);
    /// What is wrong with a message that has none of our patients, but only those of others.
    bool only_foreign() const { return only_foreign_; }
    /// Notes that of the message nothing can be read, and why.
    void take_unreadable(const std::string& reason);

  private:
    const Delimiters& delimiters() const { return message_.delimiters(); }
    void read_times();
    std::optional<reconcile::StatedTime> time(std::string_view text) const {
        return read_time(leaves_.text(text), clock_);
    }
    std::optional<Refusal> take_patient(const Segment& pid, const Segment* mrg, Action action);
    struct Merged {
        std::optional<Refusal> wrong;
        std::vector<std::string> priors; ///< of others, who became the survivor
    };
    Merged take_merged(const std::string& survivor, const Segment* mrg, bool renamed);
    void drop_retired(std::vector<std::string>& ours, const Segment& mrg) const;
    std::optional<Refusal> no_identifier(const Identifiers& found);
    void add(SourceRecord record);

    MessageReader& reader_;
    const Message& message_;
    Leaves leaves_;
    Reading& result_;
    MessageClock clock_;
    FieldRules rules_;
    std::string day_;
    std::optional<reconcile::StatedTime> recorded_;
    std::optional<reconcile::StatedTime> sent_;
    bool only_foreign_ = false;
};

/// EVN-2 of an announcement is the planned time, and so is an EVN-2 that equals EVN-3.
void MessageReader::Work::read_times() {
    const auto sent = message_.header_part(7, 1);
    clock_.set_default_offset(offset_of(leaves_.text(sent)));
    sent_ = time(sent);
    const auto* evn = message_.first("EVN");
    if (evn == nullptr || is_planned(event_of(message_))) return;
    const auto recorded = part(evn->field(2), delimiters().component, 1);
    const auto planned = part(evn->field(3), delimiters().component, 1);
    if (recorded != planned) recorded_ = time(recorded);
}

std::optional<Refusal> MessageReader::Work::take(Action action) {
    const auto& segments = message_.segments();
    std::optional<Refusal> wrong;
    bool any = false;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (segments[i].name != "PID") continue;
        any = true;
        const bool paired = i + 1 < segments.size() && segments[i + 1].name == "MRG";
        auto fault = take_patient(segments[i], paired ? &segments[i + 1] : nullptr, action);
        if (fault && !wrong) wrong = std::move(fault);
    }
    if (!any) {
        wrong = refusal(ErrorCode::segment_sequence, "the message has no PID segment");
        take_unreadable(wrong->reason);
    }
    only_foreign_ = only_foreign_ && result_.arrival.records.empty();
    return wrong;
}

std::optional<Refusal> MessageReader::Work::take_patient(const Segment& pid, const Segment* mrg,
                                                         Action action) {
    auto found = read_identifiers(pid.field(3), reader_.authority_, day_, leaves_);
    const bool retires = action == Action::merge || action == Action::rename;
    if (retires && mrg != nullptr) drop_retired(found.ours, *mrg);
    auto record = read_person(pid, rules_);
    note_numbers(found.others, record);
    if (found.ours.size() != 1) {
        note_numbers(found.ours, record);
        auto wrong = no_identifier(found);
        record.external_id_defect = wrong->reason;
        // Kept with its data, so that the operator can distinguish this hold from others.
        if (!found.foreign || !found.ours.empty()) add(std::move(record));
        return wrong;
    }
    const auto& id = found.ours.front();
    if (is_too_long(id)) {
        record.external_id_defect = "is longer than 255 bytes";
        add(std::move(record));
        return refusal(ErrorCode::data_type, "PID-3 has an identifier of more than 255 bytes");
    }
    if (action == Action::link || action == Action::unlink) {
        (action == Action::link ? result_.linked : result_.unlinked).push_back(id);
        return std::nullopt;
    }
    record.patient.set_external_id(id);
    record.deleted = action == Action::removal;
    if (!retires) {
        // A patient who is described by a message is in use, whatever was merged before.
        if (action == Action::snapshot) record.said.add(Fact::merge);
        add(std::move(record));
        return std::nullopt;
    }
    auto merged = take_merged(id, mrg, action == Action::rename);
    // Messages about identifiers may leave the other fields out, and then say nothing about them. A
    // patient merged into itself changes nothing either.
    const bool described = std::ranges::any_of(reconcile::all_fields(), [&record](Field field) {
        const bool counts = field == Field::last_name || reconcile::is_contact(field);
        return counts && !record.patient[field].is_unknown();
    });
    const bool news = !merged.priors.empty() || action == Action::rename;
    record.said.add(Fact::merge);
    add_prior_ids(merged.priors, record);
    if (!merged.wrong && described && news) add(std::move(record));
    return std::move(merged.wrong);
}

/// PID-3 may list the retired identifier beside the surviving one.
void MessageReader::Work::drop_retired(std::vector<std::string>& ours, const Segment& mrg) const {
    if (ours.size() < 2) return;
    const auto retired = read_identifiers(mrg.field(1), reader_.authority_, {}, leaves_).ours;
    const auto is_retired = [&retired](const std::string& id) {
        return std::ranges::find(retired, id) != retired.end();
    };
    if (!std::ranges::all_of(ours, is_retired)) std::erase_if(ours, is_retired);
}

MessageReader::Work::Merged MessageReader::Work::take_merged(const std::string& survivor,
                                                             const Segment* mrg, bool renamed) {
    Identifiers found;
    Merged merged;
    if (mrg != nullptr) found = read_identifiers(mrg->field(1), reader_.authority_, {}, leaves_);
    if (found.ours.empty() && found.foreign) return merged; // identifiers of others
    if (mrg == nullptr)
        merged.wrong = refusal(ErrorCode::segment_sequence, "there is no MRG segment after PID");
    else if (found.ours.empty())
        merged.wrong = refusal(ErrorCode::required_field_missing,
                               "MRG-1 has no identifier of our authority and type PI");
    else if (renamed && found.ours.size() > 1)
        merged.wrong =
            refusal(ErrorCode::data_type,
                    "MRG-1 has several identifiers of our authority: a change must have one");
    else if (std::ranges::any_of(found.ours, is_too_long))
        merged.wrong =
            refusal(ErrorCode::data_type, "MRG-1 has an identifier of more than 255 bytes");
    if (merged.wrong) {
        take_unreadable(merged.wrong->reason);
        return merged;
    }
    for (const auto& former : found.ours) {
        if (former == survivor) continue;
        SourceRecord record;
        record.patient.set_external_id(former);
        record.merged_into = survivor;
        record.renamed = renamed;
        add(std::move(record));
        if (merged.priors.size() < reconcile::most_prior_ids) merged.priors.push_back(former);
    }
    return merged;
}

std::optional<Refusal> MessageReader::Work::no_identifier(const Identifiers& found) {
    if (!found.ours.empty())
        return refusal(ErrorCode::data_type,
                       "PID-3 has several identifiers of our authority and type PI");
    if (found.foreign) {
        only_foreign_ = true;
        return refusal(ErrorCode::unknown_key, "PID-3 has only identifiers of other authorities");
    }
    return refusal(ErrorCode::required_field_missing,
                   "PID-3 has no identifier of our authority and type PI");
}

void MessageReader::Work::take_unreadable(const std::string& reason) {
    SourceRecord record;
    record.external_id_defect = reason;
    for (const auto field : reconcile::all_fields()) {
        if (reconcile::is_required(field))
            record.patient[field] =
                FieldValue::unreadable(reason + " (message " + result_.control_id + ")");
    }
    add(std::move(record));
}

void MessageReader::Work::add(SourceRecord record) {
    record.recorded = recorded_;
    record.sent = sent_;
    const auto& counts = recorded_ ? recorded_ : sent_;
    if (counts) record.modified_at = counts->earliest;
    record.place = "message " + result_.control_id;
    result_.arrival.records.push_back(within_bounds(std::move(record)));
}

MessageReader::MessageReader(const Hl7Settings& settings, std::string region, log::PeerWords words)
    : authority_(settings.assigning_authority),
      processing_(settings.processing),
      faulty_is_error_(settings.data_error == Hl7Settings::DataError::error),
      zone_(settings.timezone),
      charsets_(settings.default_charset),
      region_(std::move(region)),
      words_(std::move(words)) {}

namespace {

/// The header alone, as far as it is read. If the message goes on behind `bytes`, a field that
/// ends with them may have been cut.
Hl7Result<Message> header_of(std::string_view bytes, bool whole) {
    constexpr std::size_t fields_read = 20;
    const auto lead = without_lead(bytes);
    auto header = lead.substr(0, lead.find_first_of("\r\n", 4));
    const bool ended = whole || header.size() < lead.size();
    const char separator = header.size() > segment_name_size ? header[segment_name_size] : '|';
    std::size_t end = 0;
    for (std::size_t fields = 0; end != std::string_view::npos && fields < fields_read; ++fields)
        end = header.find(separator, end + 1);
    if (end == std::string_view::npos && !ended) end = header.rfind(separator);
    return Message::parse(header.substr(0, end));
}

/// Of HL7 table 0211, what Charsets does not know.
constexpr std::array<std::string_view, 12> unsupported_charsets{
    "BIG-5",    "CNS 11643-1992", "GB 18030-2000", "ISO IR14",  "ISO IR159",      "ISO IR6",
    "ISO IR87", "JAS2020",        "JIS X 0202",    "KS X 1001", "UNICODE UTF-16", "UNICODE UTF-32"};
constexpr const char* supported_charsets =
    "ASCII, 8859/1 to 8859/9, 8859/15, Windows-1250, Windows-1252 and UTF-8";

/// `declared` is MSH-18; a name that is no standard's is a peer's word.
std::string charset_fault(std::string_view declared, const log::PeerWords& words) {
    const auto name = reconcile::trim(declared);
    const bool is_standard =
        std::ranges::find(unsupported_charsets, name) != unsupported_charsets.end();
    return "MSH-18 names the character set " + (is_standard ? std::string(name) : words(name)) +
           ", which is not supported: " + supported_charsets + " are";
}

/// Why a message is not for us at all.
std::optional<Refusal> not_ours(const Message& message, Action action) {
    if (reconcile::trim(message.header_part(9, 1)) != "ADT")
        return refusal(ErrorCode::message_type,
                       "MSH-9 is not an ADT message: only those are accepted");
    const auto version = reconcile::trim(message.header_part(12, 1));
    if (!version.empty() && !version.starts_with("2"))
        return refusal(ErrorCode::version_id, "MSH-12 is not a version 2 of HL7");
    if (message.header().field(10).size() > max_control_id)
        return refusal(ErrorCode::data_type, "MSH-10 has more than 199 characters");
    if (action == Action::unknown)
        return refusal(ErrorCode::event_code, "MSH-9 does not name an ADT event");
    return std::nullopt;
}

} // namespace

Reading MessageReader::read(std::string_view bytes, reconcile::Instant now) {
    Reading result;
    const auto digest = content_digest(bytes);
    const auto message = Message::parse(bytes);
    if (!message) {
        result.control_id = words_({});
        result.reason = message.error().reason;
        const auto header = header_of(bytes, true); // it may be in order although the rest is not
        const Answers answers = header ? Answers(*header, control_of(digest)) : Answers();
        if (header) result.control_id = words_(header->header().field(10));
        result.answer = answers.answer(Outcome::refused, message.error(), faulty_is_error_, now);
        return result;
    }
    const Answers answers(*message, control_of(digest));
    const auto control_field = message->header().field(10);
    result.control_id = words_(control_field.empty() ? control_of(digest) : control_field);
    const auto action = action_of(event_of(*message));
    const auto refuse = [&](const Refusal& why) {
        result.reason = why.reason;
        result.answer = answers.answer(Outcome::refused, why, faulty_is_error_, now);
    };
    if (const auto why = not_ours(*message, action)) {
        refuse(*why);
        return result;
    }
    const auto processing = reconcile::trim(message->header_part(11, 1));
    result.skipped = !processing.empty() && processing != processing_;
    std::optional<Refusal> fault;
    if (!result.skipped && action != Action::acknowledge) {
        auto decoder = charsets_.decoder(message->header_part(18, 1), bytes);
        const bool readable = decoder.has_value();
        Work work(*this, *message, Leaves(message->delimiters(), decoder.value_or(Decoder())),
                  result, now);
        if (readable) {
            fault = work.take(action);
        } else {
            fault = refusal(ErrorCode::table_value,
                            "MSH-18 names a character set that is not supported");
            work.take_unreadable(charset_fault(message->header_part(18, 1), words_));
        }
        if (fault && work.only_foreign()) {
            refuse(*fault);
            return result;
        }
    }
    result.store = true;
    result.reason = fault ? fault->reason : "";
    // Without it the same bytes may be said anew, to take back what came between.
    if (!control_field.empty()) result.arrival.content = digest;
    result.arrival.answer = answers.answer(fault ? Outcome::faulty : Outcome::accepted,
                                           fault.value_or(Refusal()), faulty_is_error_, now);
    result.answer = answers.answer(Outcome::failed,
                                   refusal(ErrorCode::internal, "the message could not be stored"),
                                   faulty_is_error_, now);
    return result;
}

Reading MessageReader::read_dropped(std::string_view head, Outcome outcome, const Refusal& why,
                                    reconcile::Instant now) {
    Reading result;
    const auto header = header_of(head, false);
    const Answers answers = header ? Answers(*header, control_of(content_digest(head))) : Answers();
    result.control_id = words_(header ? header->header().field(10) : std::string_view());
    result.reason = why.reason;
    result.answer = answers.answer(outcome, why, faulty_is_error_, now);
    return result;
}

} // namespace medibridge::connectors::hl7
