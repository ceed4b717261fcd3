#pragma once

#include "base/runtime/concurrency.hpp"
#include "connectors/source/source.hpp"
#include "sync/core/progress.hpp"
#include "sync/shell/source_pass.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::sync {

struct Environment;

/// What a source shows first: all of it, or limits::surveyed_records and a page.
struct FirstReading {
    explicit FirstReading(SourcePass first_pass) : pass(std::move(first_pass)) {}

    SourcePass pass;
    std::vector<reconcile::Assessed> records;
};

/// Reads a source's first records here and now. Ends early once `going` says so.
runtime::Task<FirstReading> read_first(SourcePass pass, const reconcile::IdentityPolicy& policy,
                                       std::function<bool()> going);

/// First readings of several sources, side by side, so that one that is slow or down delays nobody:
/// a cycle takes what is there, and leaves the others, which go on being read beside it and the
/// next cycles. A reading is taken once; of each source there is one at a time.
class FirstReadings {
  public:
    /// `on_late`: called when a reading that a cycle has left turns out to be of use.
    explicit FirstReadings(std::function<void()> on_late) : on_late_(std::move(on_late)) {}

    /// Begins to read, unless that is under way. A reading that was begun for another plan, or is
    /// too old by now, is done again. With Request::patience a source that has just refused our
    /// credentials is left alone. What the environment refers to, and the source, must live until
    /// drain() has ended.
    void begin(const boost::asio::any_io_executor& executor, const Environment& environment,
               connectors::Source& source, const SurveyPlan& plan, const Request& request);

    /// Waits until all are read that were begun since the last take(), or for no longer than
    /// `patience` (nothing: as long as it takes); not at all for those that the cycle before had to
    /// leave or that failed then.
    runtime::Task<void> wait(const Environment& environment,
                             std::optional<std::chrono::milliseconds> patience);

    /// Nothing: it is still being read. Rethrows what the reading threw.
    std::optional<FirstReading> take(const std::string& source);
    /// Why the last reading that was taken failed; nothing: it did not.
    std::optional<connectors::SourceError> last_failure(const std::string& source) const;

    /// Waits until nothing is under way; cancel the sources before, if that may take long.
    runtime::Task<void> drain();

  private:
    struct Entry;

    static runtime::Task<void> read(std::shared_ptr<Entry> entry);
    /// The one that a cycle has to wait for; null: none.
    std::shared_ptr<Entry> awaited(bool with_slow) const;

    std::function<void()> on_late_;
    std::map<std::string, std::shared_ptr<Entry>> entries_; ///< by source
};

} // namespace medibridge::sync
