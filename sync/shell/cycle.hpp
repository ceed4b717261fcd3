#pragma once

#include "sync/shell/source_writer.hpp"

#include <string>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// One cycle as a story: read both sides, see that the changes are plausible, write, settle what
/// is left, and move the watermarks last.
class Cycle {
  public:
    Cycle(Context& context, std::vector<connectors::Source*> sources)
        : context_(&context),
          sources_(std::move(sources)),
          claims_(context, sources_),
          contested_(context),
          pipeline_(context, observations_, unclear_),
          writer_(context, claims_, contested_, pipeline_) {}

    runtime::Task<void> run();

  private:
    runtime::Task<void> tell_story();
    runtime::Task<void> recall_unfinished_writes();
    runtime::Task<void> read_medicapp_changes();
    runtime::Task<std::vector<Delta>> survey_sources();
    runtime::Task<Delta> survey_source(connectors::Source& source, Progress& progress,
                                       bool anyone_linked);
    SurveyPlan plan_for(const Progress& progress, bool anyone_linked) const;
    runtime::Task<bool> is_plausible(const std::vector<Delta>& deltas);
    runtime::Task<void> settle();
    runtime::Task<void> settle_refused();
    runtime::Task<void> recall_newest_write();
    runtime::Task<void> move_watermarks();

    std::vector<std::string> source_names() const;

    Context* context_;
    std::vector<connectors::Source*> sources_;
    Claims claims_; ///< of the source that is being written
    Contested contested_;
    Observations observations_;
    UnclearCreates unclear_;
    Coverage coverage_; ///< of records outside any pass
    Pipeline pipeline_;
    SourceWriter writer_;
    bool reread_ = false; ///< all sources are read completely, whatever their watermarks say
    Progress medicapp_;
    std::vector<std::pair<connectors::Source*, Progress>> his_; ///< as far as the cycle came
};

} // namespace medibridge::sync
