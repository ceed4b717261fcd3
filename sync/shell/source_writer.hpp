#pragma once

#include "sync/core/progress.hpp"
#include "sync/shell/claims.hpp"
#include "sync/shell/contested.hpp"
#include "sync/shell/pipeline.hpp"
#include "sync/shell/survey.hpp"
#include "sync/shell/vanished_records.hpp"

#include <string>
#include <vector>

namespace medibridge::sync {

/// Brings what one source says into Medicapp, and proves that it was all.
class SourceWriter {
  public:
    /// All outlive the writer.
    SourceWriter(Context& context, Claims& claims, Contested& contested, Pipeline& pipeline)
        : context_(&context),
          claims_(&claims),
          contested_(&contested),
          pipeline_(&pipeline) {}

    /// Writes a source's delta. A list that moved while it was read may have hidden records: it is
    /// read again, as `plan` says, until it stands still, or shows the same twice. `progress` gets
    /// what was read, if it was all.
    runtime::Task<void> write(Delta delta, SurveyPlan plan, Coverage coverage, Progress& progress);

  private:
    runtime::Task<bool> write_until_proven(Delta& delta, const SurveyPlan& plan, Coverage coverage);
    runtime::Task<void> write_pass(Delta& delta, Coverage coverage);
    runtime::Task<void> write_records(std::string source, std::vector<reconcile::Assessed> records,
                                      const Coverage& coverage);
    bool may_read_again(const Delta& delta, int pass);
    void note_failure(const SourcePass& pass);
    void note_success(const std::string& name);

    Context* context_;
    Claims* claims_;
    Contested* contested_;
    Pipeline* pipeline_;
    VanishedRecords vanished_;
};

} // namespace medibridge::sync
