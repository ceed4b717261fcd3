#pragma once

#include "base/log/peer_word.hpp"
#include "connectors/hl7v2/answer.hpp"
#include "connectors/hl7v2/charset.hpp"
#include "connectors/hl7v2/kind.hpp"
#include "connectors/hl7v2/message.hpp"
#include "connectors/inbox/inbox.hpp"
#include "connectors/mapping/time_zone.hpp"
#include "reconcile/instant.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors::hl7 {

/// What follows from one message: what to store and what to answer.
class Reading {
  public:
    Reading() = default;

    bool store = false;     ///< the arrival goes into the inbox before anything is answered
    bool skipped = false;   ///< MSH-11 is another than the configured one
    Arrival arrival;        ///< its answer is what follows once it is stored
    std::string answer;     ///< where nothing is stored: what follows; where storing failed, too
    std::string control_id; ///< fit for logs
    std::string reason; ///< why it was refused, or what is wrong with its data; empty: nothing is
    std::vector<std::string> linked;   ///< externalIds that A24 links
    std::vector<std::string> unlinked; ///< externalIds that A37 separates
};

/// Turns the messages of one source into records and answers. Pure: equal messages give equal
/// readings, except the time of the answer and what holds at that time.
class MessageReader {
  public:
    /// Throws std::invalid_argument for a character set or time zone that is not known.
    /// `region` (ISO 3166-1) is the one from which phone numbers are dialled.
    /// `words` says how MSH-10 is shown.
    explicit MessageReader(const Hl7Settings& settings, std::string region = "FR",
                           log::PeerWords words = {});

    Reading read(std::string_view message, reconcile::Instant now);
    /// The answer to a message of which only the beginning was kept, `AR` or, where it may be sent
    /// again, `AE`.
    Reading read_dropped(std::string_view head, Outcome outcome, const Refusal& why,
                         reconcile::Instant now);

  private:
    class Work;

    std::string authority_;
    std::string processing_;
    bool faulty_is_error_;
    TimeZone zone_;
    Charsets charsets_;
    std::string region_;
    log::PeerWords words_;
};

} // namespace medibridge::connectors::hl7
