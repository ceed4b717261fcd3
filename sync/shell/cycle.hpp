#pragma once

#include "sync/shell/claims.hpp"
#include "sync/shell/contested.hpp"
#include "sync/shell/drift.hpp"
#include "sync/shell/nameless.hpp"
#include "sync/shell/pipeline.hpp"
#include "sync/shell/survey.hpp"

#include <string>
#include <unordered_set>
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
          pipeline_(context, observations_, unclear_) {}

    runtime::Task<void> run();

  private:
    /// How far a side had been read, and how far after this cycle if all goes well.
    struct Progress {
        state::Watermark before;
        std::optional<reconcile::ReadResult> read;
        bool whole = false;                   ///< read whole, although it was read before
        connectors::Source* source = nullptr; ///< nothing: Medicapp
        std::int64_t cursor = 0;              ///< of `read`, where the source keeps one
        bool keeps_cursor() const { return source && source->keeps_cursor(); }
    };

    runtime::Task<void> tell_story();
    runtime::Task<void> recall_unfinished_writes();
    runtime::Task<void> read_medicapp_changes();
    runtime::Task<std::vector<Delta>> survey_sources();
    runtime::Task<Delta> survey_source(connectors::Source& source, Progress& progress,
                                       bool anyone_linked);
    runtime::Task<state::Watermark> recall_watermark(std::string side);
    SurveyPlan plan_for(const Progress& progress, bool anyone_linked) const;
    runtime::Task<bool> is_plausible(const std::vector<Delta>& deltas);
    runtime::Task<void> write_delta(Delta delta, Progress& progress);
    runtime::Task<void> write_pass(Delta& delta, Coverage coverage);
    runtime::Task<void> write_records(std::string source, std::vector<reconcile::Assessed> records,
                                      const Coverage& coverage);
    runtime::Task<void> settle();
    runtime::Task<void> settle_refused();
    runtime::Task<void> recall_newest_write();
    bool may_read_again(const Delta& delta, int pass);
    runtime::Task<void> move_watermarks();

    std::vector<std::string> source_names() const;
    std::optional<reconcile::Instant> since(const Progress& progress) const;
    void note_source_failure(const SourcePass& pass);
    void note_source_success(const std::string& name);

    Context* context_;
    std::vector<connectors::Source*> sources_;
    Claims claims_; ///< of the source that is being written
    Contested contested_;
    Observations observations_;
    UnclearCreates unclear_;
    Coverage coverage_; ///< of records outside any pass
    Pipeline pipeline_;
    NamelessRecords nameless_; ///< of the source that is being written
    bool reread_ = false;      ///< all sources are read completely, whatever their watermarks say
    Progress medicapp_;
    std::vector<std::pair<std::string, Progress>> his_; ///< by source name
};

} // namespace medibridge::sync
