#pragma once

#include "connectors/source/source.hpp"
#include "sync/shell/context.hpp"
#include "sync/shell/first_readings.hpp"
#include "sync/shell/inquiry.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace medibridge::sync {

class Context;

/// Brings Medicapp's patients to what the sources say, a cycle at a time. Lives as long as its
/// configuration; one cycle at a time.
class Synchroniser {
  public:
    /// `sources` outlive the synchroniser. `on_late`: called when a source that a cycle has left
    /// has answered, so that the next one has something to take.
    Synchroniser(Environment environment, std::vector<connectors::Source*> sources,
                 std::function<void()> on_late = {})
        : env_(environment),
          sources_(std::move(sources)),
          first_readings_(std::move(on_late)) {}

    /// One cycle. Failures of either side are told by the report; throws StoreError if the state
    /// cannot be used, with nothing lost: the next cycle resolves what was under way.
    /// With Request::patience it may leave sources that go on being read: drain() waits for them.
    runtime::Task<Report> run(Request request);
    /// The running cycle, if there is one and it does not carry out a plan, ends as soon as the
    /// writes that are under way have ended; the next one does the rest.
    void end_cycle(const std::string& why);
    /// Whether a cycle of arrivals may be next (Request::only_arrivals): the one before has settled
    /// all that has to do with Medicapp and with what was pushed. Otherwise a whole one is called
    /// for.
    bool takes_arrivals() const { return memory_.takes_arrivals; }
    /// A patient whom a cycle of arrivals would have created waits for a whole one, which need not
    /// wait for more to arrive.
    bool new_patient_waits() const { return memory_.new_patient_waits; }
    /// What the guard against too many changes counts along with what a cycle finds.
    struct CountedBefore {
        Burst burst;
        base::IdSet left_unjudged; ///< see Memory
    };
    CountedBefore counted_before() const { return {memory_.burst, memory_.left_unjudged}; }
    /// The guard judges as another synchroniser's would: a dry run says what that one will do.
    void count_also(CountedBefore before) {
        memory_.burst = std::move(before.burst);
        memory_.left_unjudged = std::move(before.left_unjudged);
    }
    /// A source has not answered for so long that it counts as down: told once, also while a cycle
    /// waits for it.
    void note_outage(const std::string& source, const std::string& what);
    /// Medicapp's clock, as its list showed it in the last whole cycle; nothing: it showed none.
    std::optional<reconcile::Instant> medicapp_clock() const;
    /// Waits until no source is being read, before the synchroniser ends; cancel the sources first.
    runtime::Task<void> drain() { return first_readings_.drain(); }

    /// One patient as both sides show them now. Changes nothing, and may run beside a cycle.
    /// `wall_clock_ms`: as in Request.
    runtime::Task<Inquiry> inquire(Sides sides, std::string key, std::int64_t wall_clock_ms);
    /// See take_decision().
    runtime::Task<std::string> decide(Sides sides, Order order, std::int64_t wall_clock_ms);
    /// Those that the cycles read.
    Sides sides() const { return {env_.medicapp, sources_}; }

  private:
    std::set<std::string> source_names() const;
    runtime::Task<void> recall_guard();
    runtime::Task<void> tell_unread(Context& context);

    Environment env_;
    std::vector<connectors::Source*> sources_;
    FirstReadings first_readings_;
    Memory memory_;
    /// Medicapp's clock in the last whole cycle, and when that was.
    std::pair<std::optional<reconcile::Instant>, runtime::TimePoint> medicapp_clock_;
    bool guard_recalled_ = false;
    bool unread_told_ = false;
    bool runs_ = false;          ///< a cycle
    Context* running_ = nullptr; ///< the cycle that runs; null: none does
    std::int64_t cycles_ = 0;
};

} // namespace medibridge::sync
