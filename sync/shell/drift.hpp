#pragma once

#include "connectors/source/source.hpp"
#include "sync/shell/medicapp_reading.hpp"
#include "sync/shell/pipeline.hpp"

#include <string>
#include <vector>

namespace medibridge::sync {

/// Deals with the patients that were changed in Medicapp while the HIS's side stayed the same.
///
/// Where the fields' authority keeps Medicapp's value it becomes the baseline. Where the HIS's
/// value is to be asserted again, the patient is added to those who are wanted: the state holds
/// no values, so the HIS must be read for it.
runtime::Task<void> settle_drift(Context& context, Observations& observations);

/// How many of the patients who were changed in Medicapp would be written again. Changes nothing.
runtime::Task<std::int64_t> count_reassertions(Context& context, const Observations& observations);

/// Reads the sources whole for the patients who are wanted, and only for them. Patients
/// that no source has any more keep what Medicapp shows.
runtime::Task<void> read_wanted(Context& context, Observations& observations, Pipeline& pipeline,
                                const std::vector<connectors::Source*>& sources,
                                const Coverage& coverage);

} // namespace medibridge::sync
