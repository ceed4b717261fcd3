#pragma once

#include "sync/core/contested.hpp"
#include "sync/core/progress.hpp"
#include "sync/shell/source_writer.hpp"

#include <vector>

namespace medibridge::sync {

/// One cycle as a story: read both sides, see that the changes are plausible, write, settle what
/// is left, and move the watermarks last.
class Cycle {
  public:
    Cycle(Context& context, const std::vector<connectors::Source*>& sources)
        : context_(&context),
          sources_(sources),
          contested_(context.rules(), context.memory),
          pipeline_(context),
          writer_(context, sources, contested_, pipeline_) {}

    runtime::Task<void> run();

  private:
    runtime::Task<void> tell_story();
    runtime::Task<void> check_mappings();
    runtime::Task<void> recall_decisions();
    runtime::Task<void> recall_newest_write();
    runtime::Task<void> read_medicapp_changes();
    runtime::Task<std::vector<Delta>> survey_sources();
    runtime::Task<Delta> survey_source(connectors::Source& source, Progress& progress,
                                       bool anyone_linked);
    runtime::Task<void> guard_against_changes(const std::vector<Delta>& deltas);
    ChangeCounter changes_with_merges(const std::vector<Delta>& deltas) const;
    runtime::Task<void> end();

    Context* context_;
    std::vector<connectors::Source*> sources_;
    Contested contested_;
    Coverage coverage_; ///< of records outside any pass
    Pipeline pipeline_;
    SourceWriter writer_;
    bool reread_ = false; ///< all sources are read completely, whatever their watermarks say
    Progress medicapp_;
    std::vector<Progress> his_; ///< of the sources, as far as the cycle came
};

} // namespace medibridge::sync
