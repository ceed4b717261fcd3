#pragma once

#include "connectors/medicapp/values.hpp"
#include "control/behaviour.hpp"
#include "control/doctor/check.hpp"

#include <cstdint>
#include <optional>

namespace medibridge::control::doctor {

using MedicappAnswer = connectors::Reply<connectors::MedicappPage>;

/// Whether Medicapp takes the credentials, from what it answered to the shortest list there is.
Check judge_credentials(const MedicappAnswer& answer);

/// What a probe found out, if one was made.
Check judge_behaviour(const std::optional<KnownBehaviour>& known, std::int64_t now_ms);

/// What a page of the list shows of Medicapp's counting.
Check judge_pages(const connectors::MedicappPage& page, const connectors::ListQuery& query);

} // namespace medibridge::control::doctor
