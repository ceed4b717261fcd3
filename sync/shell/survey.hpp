#pragma once

#include "sync/core/agreed_records.hpp"
#include "sync/core/contested.hpp"
#include "sync/core/guards.hpp"
#include "sync/core/progress.hpp"
#include "sync/core/rewound.hpp"
#include "sync/shell/first_readings.hpp"
#include "sync/shell/source_pass.hpp"

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// What a source shows since its watermark, as far as it was read before the first write.
struct Delta {
    explicit Delta(SourcePass first_pass) : pass(std::move(first_pass)) {}

    SourcePass pass;
    /// What was read of the pass. The rest, if it has not ended, is still to be read …
    std::vector<reconcile::Assessed> records;
    /// … unless the pass was read to its end just to count: then it is to be read again.
    bool read_again = false;
    Surveyed surveyed;
    /// The merges of linked patients that it states: counted once all sources were heard.
    std::vector<reconcile::Assessed> merges;
    /// Of their patients, whoever is held already for what the merge's record says besides.
    std::unordered_set<std::string> held_besides;
    /// As whom the patients of all merges go on that it states, by externalId.
    std::unordered_map<std::string, std::string> survivors;
    /// Pairs of externalIds that it states to be one patient's, as many as are kept.
    std::vector<std::pair<std::string, std::string>> stated_pairs;
    /// ExternalIds that stand on more than one page, where the delta was read ahead: their records
    /// are decided together.
    std::unordered_set<std::string> shown_twice;
    /// Where the delta was read ahead: what need not be decided again.
    AgreedRecords agreed;
};

/// Looks over what a source shows and counts the linked patients that it would change, all but the
/// merges, without writing. `contested` takes note of new patients.
///
/// The records are decided here only to be counted, and again when they are written: by then
/// erasures, renamed patients and what other sources wrote may have changed what is known of them,
/// and items with all that is known of them would take several times the memory of records. Where
/// nothing can have changed they are not: see AgreedRecords.
///
/// A delta of up to limits::surveyed_records is kept. A larger one is read to its end, for the
/// count and to see who stands in it more than once, and is to be read again.
runtime::Task<Delta> survey(Context& context, const Coverage& coverage, Contested& contested,
                            FirstReading first, SurveyPlan plan);

/// The pass that a plan asks for. `before`: one for the same plan that has ended; null: none has.
SourcePass pass_for(const Context& context, connectors::Source& source, const SurveyPlan& plan,
                    const SourcePass* before = nullptr);

/// Of a cycle that ends after the survey: which sources answered, and which could not be read.
runtime::Task<void> tell_answered(Context& context, const std::vector<Delta>& deltas);

/// Keeps what the deltas state of numbers that are one patient's, before anybody is created from
/// any of them: the source that shows the patient need not be the one that states it.
runtime::Task<void> keep_stated_pairs(Context& context, const std::vector<Delta>& deltas);

/// Begins to read a delta again that was read to its end.
runtime::Task<Delta> read_again(Context& context, SurveyPlan plan, Delta before);

} // namespace medibridge::sync
