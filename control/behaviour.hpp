#pragma once

#include "config/settings.hpp"
#include "connectors/medicapp/behaviour.hpp"
#include "state/store.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace medibridge::control {

/// What a probe of Medicapp showed, as the state keeps it.
struct KnownBehaviour {
    connectors::Behaviour aspects;
    std::int64_t at_ms = 0; ///< when it was last looked at; Unix time of this machine
};

/// Which Medicapp it is.
std::string address_of(const config::MedicappSettings& settings);

/// Nothing: no probe was made of the Medicapp at that address.
std::optional<KnownBehaviour> known_behaviour(state::Store& store, const std::string& address);

/// `now` with the aspects that it did not look at, as they were known before.
KnownBehaviour completed(KnownBehaviour now, const std::optional<KnownBehaviour>& before);
void put_behaviour(state::Batch& batch, const std::string& address, const KnownBehaviour& known);

/// The same in one line: `list_order created; precision milliseconds`.
std::string behaviour_text(const connectors::Behaviour& aspects);

} // namespace medibridge::control
