#pragma once

#include "base/runtime/task.hpp"
#include "connectors/hl7v2/reading.hpp"
#include "connectors/inbox/inbox.hpp"
#include "reconcile/instant.hpp"

#include <string>
#include <vector>

namespace medibridge::connectors::hl7 {

/// What became of one message of a file.
class Fed {
  public:
    enum class Result {
        stored,   ///< in the inbox, with the hold that its data may call for (then with a reason)
        repeated, ///< was there already
        refused,  ///< not ours, or no HL7
        failed,   ///< the inbox could not take it; feeding the file again is safe
    };
    Result result = Result::stored;
    std::string control_id; ///< fit for logs
    std::string reason;     ///< in words without values; empty: all is well
};

/// Puts the messages of a file (a batch, or plain messages, perhaps in MLLP blocks) into the inbox,
/// one after the other, and says what became of each. A file of which something is missing is
/// refused as a whole.
runtime::Task<Hl7Result<std::vector<Fed>>> feed_file(std::string content, MessageReader& reader,
                                                     Inbox& inbox, reconcile::Instant now);

} // namespace medibridge::connectors::hl7
