#pragma once

#include "base/runtime/task.hpp"
#include "connectors/source/source.hpp"

namespace medibridge::connectors {

/// What brings to an inbox what a HIS pushes: a listener, or a folder that files are dropped into.
class InboxFeed {
  public:
    virtual ~InboxFeed() = default;
    /// As Source::start().
    virtual void start() = 0;
    /// As Source::stop().
    virtual runtime::Task<void> stop() = 0;
    /// Brings what waits outside, before each reading; an error ends the reading.
    virtual runtime::Task<SourceResult<void>> import_all();
    /// Ends the import that is under way, for good.
    virtual void cancel() {}
};

} // namespace medibridge::connectors
