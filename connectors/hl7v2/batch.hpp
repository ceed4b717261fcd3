#pragma once

#include "connectors/hl7v2/message.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors::hl7 {

/// The messages of a file or of a batch (HL7 v2.5 §2.10.3), as views into it.
class Batch {
  public:
    std::vector<std::string_view> messages;
    bool enveloped = false; ///< FHS or BHS stands around them
};

/// Whether a block holds a batch rather than one message.
bool is_batch(std::string_view bytes);

/// Cuts a batch, or plain messages one behind the other, perhaps each in an MLLP block. A message
/// begins with an MSH segment; segments end as in a message, so that LF inside a field cuts
/// nothing, unless what follows it is the header of a message with the same delimiters. Refused as
/// a whole, since something of it is missing then: a BHS without its BTS or an FHS without its FTS,
/// counts (BTS-1, FTS-1) that are not those of what is there, text outside of messages, and more
/// than `max_messages`.
Hl7Result<Batch> read_batch(std::string_view bytes, std::size_t max_messages);

/// One batch around the answers to its messages.
std::string batch_answer(std::string_view batch, const std::vector<std::string>& answers);

} // namespace medibridge::connectors::hl7
