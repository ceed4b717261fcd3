#pragma once

#include "sync/deciding.hpp"
#include "sync/source_pass.hpp"

#include <cstdint>
#include <vector>

namespace medibridge::sync {

/// What one source has to say since its watermark, as far as it was read before the first write.
struct Delta {
    explicit Delta(SourcePass first_pass) : pass(std::move(first_pass)) {}

    SourcePass pass;
    /// What was read of the pass. The rest, if it has not ended, is still to be read …
    std::vector<reconcile::Assessed> records;
    /// … unless the pass was read to its end just to count: then it is to be read again.
    bool read_again = false;
    /// Linked patients that would be changed.
    std::int64_t changes = 0;
};

/// Reads a source's delta and counts the linked patients that it would change, without writing.
///
/// A delta of up to limits::surveyed_records is kept; of a larger one the records are counted and
/// read again later, or, if nobody is linked yet and so nothing can be changed, not even counted.
runtime::Task<Delta> survey(Context& context, const Observations& observations,
                            connectors::Source& source, std::optional<reconcile::Instant> since,
                            bool anyone_linked);

} // namespace medibridge::sync
