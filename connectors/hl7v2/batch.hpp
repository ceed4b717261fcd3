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

/// Splits a batch, or plain messages one after the other, each perhaps in an MLLP block. A message
/// begins with an MSH segment. Segments end as in a message, so an LF inside a field splits
/// nothing, unless the header of a message with the same delimiters follows it. Refuses the batch
/// completely if something of it seems to be missing: a BHS without its BTS or an FHS without its
/// FTS, counts (BTS-1, FTS-1) that are wrong, or text outside of messages; and if there are more
/// than `max_messages`.
Hl7Result<Batch> read_batch(std::string_view bytes, std::size_t max_messages);

/// One batch around the answers to its messages.
std::string batch_answer(std::string_view batch, const std::vector<std::string>& answers);

} // namespace medibridge::connectors::hl7
