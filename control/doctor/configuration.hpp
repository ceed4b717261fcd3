#pragma once

#include "config/settings.hpp"
#include "control/backend.hpp"
#include "control/doctor/check.hpp"

namespace medibridge::control::doctor {

/// The file as it stands now, which a reload would take.
Checks judge_configuration(const ConfigFindings& findings);
/// What a source does not tell, so that such patients would be created.
Checks judge_mapping(const config::SourceSettings& source);

} // namespace medibridge::control::doctor
