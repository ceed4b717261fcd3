#pragma once

#include "sync/core/contested.hpp"
#include "sync/core/progress.hpp"
#include "sync/shell/first_readings.hpp"
#include "sync/shell/source_writer.hpp"

#include <optional>
#include <vector>

namespace medibridge::sync {

/// One cycle as a story: read both sides, see that the changes are plausible, write, settle what
/// is left, and move the watermarks last. A cycle of arrivals is a shorter one.
class Cycle {
  public:
    /// `first_readings` go from cycle to cycle, and outlive it.
    Cycle(Context& context, const std::vector<connectors::Source*>& sources,
          FirstReadings& first_readings)
        : context_(&context),
          sources_(sources),
          first_readings_(&first_readings),
          contested_(context.rules(), context.memory),
          pipeline_(context),
          writer_(context, sources, contested_, pipeline_) {}

    runtime::Task<void> run();

  private:
    runtime::Task<void> tell_story();
    runtime::Task<void> take_arrivals();
    runtime::Task<bool> judge_arrivals(const std::vector<Delta>& deltas);
    runtime::Task<void> end_arrivals();
    bool takes_arrivals_next() const;
    runtime::Task<void> check_mappings();
    /// Stops for a changed mapping, if that is what the cycle looks at.
    void sound_mapping_alarm(const Changes& changes, std::int64_t linked);
    /// Those who are linked, of that source if it is one, as patients whom a side does not show.
    runtime::Task<Changes> all_missing(std::string source);
    runtime::Task<void> recall_decisions();
    runtime::Task<void> recall_newest_write();
    runtime::Task<void> read_medicapp_changes();
    /// A source, how far it was read, and what is asked of it now.
    struct Asked {
        connectors::Source* source;
        Progress progress;
        SurveyPlan plan;
    };

    runtime::Task<std::vector<Delta>> survey_sources();
    runtime::Task<std::vector<Asked>> ask_sources(bool anyone_linked);
    runtime::Task<std::optional<FirstReading>> take_first_reading(const Asked& asked);
    runtime::Task<Delta> survey_source(Asked& asked, FirstReading first);
    runtime::Task<void> guard_against_source(const Asked& asked, const Delta& delta,
                                             bool suspicious);
    runtime::Task<void> guard_against_changes(const std::vector<Delta>& deltas);
    ChangeCounter changes_with_merges(const std::vector<Delta>& deltas) const;
    runtime::Task<void> end();

    Context* context_;
    std::vector<connectors::Source*> sources_;
    FirstReadings* first_readings_;
    Contested contested_;
    Coverage coverage_; ///< of records outside any pass
    Pipeline pipeline_;
    SourceWriter writer_;
    bool reread_ = false; ///< all sources are read completely, whatever their watermarks say
    /// The mapping was changed: the cycle finds out what that would change, and stops.
    std::optional<Alarm> mapping_alarm_;
    bool awaits_source_ = false; ///< one is still being read, beside this cycle
    Progress medicapp_;
    std::vector<Asked> his_; ///< as far as the cycle came
};

} // namespace medibridge::sync
