#pragma once

#include "connectors/mapping/choice.hpp"
#include "connectors/mapping/time_text.hpp"
#include "connectors/mapping/time_zone.hpp"
#include "reconcile/instant.hpp"
#include "reconcile/patient.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace medibridge::connectors::hl7 {

/// The clock of a message's times: MSH-7's offset, where it has one, else a region's (v2.5 §2.A.22:
/// an offset in MSH-7 is the default for all of the message).
class MessageClock {
  public:
    explicit MessageClock(TimeZone zone) : zone_(std::move(zone)) {}
    void set_default_offset(std::optional<std::chrono::minutes> offset) { offset_ = offset; }

    /// All moments that such a time can mean.
    reconcile::StatedTime moment(const CivilTime& time) const;

  private:
    TimeZone zone_;
    std::optional<std::chrono::minutes> offset_;
};

/// The offset that stands in a time; nothing: none, or it is no time.
std::optional<std::chrono::minutes> offset_of(std::string_view text);

/// A moment in HL7's form (v2.5 §2.A.22), `YYYYMMDDHHMM[SS[.S…]][±ZZZZ]`. Nothing for anything
/// else: a time without minutes cannot order messages.
std::optional<reconcile::StatedTime> read_time(std::string_view text, const MessageClock& clock);

/// How long something holds, from one time to another, each of any precision from a year on
/// (`YYYY[MM[DD[HHMM[SS]]]]`); a day, month or year is included until its end. An end that cannot
/// be read is open.
Period read_period(std::string_view from, std::string_view until, const MessageClock& clock);

/// A birth date: the day of `YYYYMMDD`, alone or with a time behind it, never converted. A partial
/// date is unreadable, and so is any other text; an empty one is unknown.
reconcile::FieldValue read_birth_date(std::string_view text);

/// `YYYYMMDDHHMMSS+0000`, in UTC.
std::string time_text(reconcile::Instant instant);

} // namespace medibridge::connectors::hl7
