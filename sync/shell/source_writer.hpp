#pragma once

#include "sync/core/claims.hpp"
#include "sync/core/progress.hpp"
#include "sync/core/shown_patients.hpp"
#include "sync/shell/pipeline.hpp"
#include "sync/shell/survey.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// Brings what one source says into Medicapp, and proves that it was all.
class SourceWriter {
  public:
    /// `sources`: all that the cycle reads. All outlive the writer.
    SourceWriter(Context& context, std::vector<connectors::Source*> sources, Contested& contested,
                 Pipeline& pipeline)
        : context_(&context),
          sources_(std::move(sources)),
          claims_(context.memory),
          contested_(&contested),
          pipeline_(&pipeline) {}

    /// What a source showed before the first write: it may refute what others claim of merges.
    void take_witness(const SourcePass& pass);

    /// Notes under which new externalIds linked patients go on, as the delta says: nobody is
    /// created under one of them, from whatever source, before that was followed.
    runtime::Task<void> expect_survivors(const Delta& delta);

    /// Counts the merges of linked patients that the delta states and nothing refutes, and what is
    /// left of others.
    void count_merges(const Delta& delta, ChangeCounter& changes) const;
    /// Reads every source completely that may refute them: which of them stand is then known,
    /// unless one could not be read (false).
    runtime::Task<bool> look_at_merges(const Delta& delta);

    /// Writes a source's delta. A list that moved while it was read may have hidden records: it is
    /// read again, as `plan` says, until it stands still, or shows the same twice. `progress` gets
    /// what was read, if it was all.
    runtime::Task<void> write(Delta delta, SurveyPlan plan, Coverage coverage, Progress& progress);

    /// Writes the contested patients, once all sources are written.
    runtime::Task<void> write_contested(Coverage coverage);

  private:
    Change merge_change(const reconcile::Assessed& claim) const;
    runtime::Task<void> write_pass(Delta& delta, Coverage coverage);
    runtime::Task<void> write_records(const SourcePass& pass,
                                      std::vector<reconcile::Assessed> records,
                                      const Coverage& coverage);
    runtime::Task<void> leave_out_agreed(const AgreedRecords& agreed,
                                         std::vector<reconcile::Assessed>& records,
                                         const Coverage& coverage);
    runtime::Task<void> look_for_survivors(const std::string& source,
                                           std::vector<reconcile::Assessed>& open,
                                           const std::vector<state::Known>& known);
    runtime::Task<void> set_claims_aside(Delta& delta, std::vector<reconcile::Assessed>& records);
    runtime::Task<std::vector<reconcile::Assessed>> settle_claims(const SourcePass& pass);
    runtime::Task<void> hold_disputed_survivors(const std::string& source,
                                                std::map<std::string, reconcile::Assessed> disputed,
                                                std::vector<reconcile::Assessed>& records);
    runtime::Task<bool> look_for_refutations(const SourcePass& pass);
    runtime::Task<bool> look_for_records_in_use(connectors::Source& asked,
                                                const std::string& source);

    Context* context_;
    std::vector<connectors::Source*> sources_;
    Claims claims_; ///< of the source that is being written
    Contested* contested_;
    Pipeline* pipeline_;
    VanishedRecords vanished_;
};

} // namespace medibridge::sync
