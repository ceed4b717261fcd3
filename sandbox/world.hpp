#pragma once

#include "sandbox/fault.hpp"
#include "sandbox/front.hpp"
#include "sandbox/his_face.hpp"
#include "sandbox/his_store.hpp"
#include "sandbox/load.hpp"
#include "sandbox/medicapp_api.hpp"
#include "sandbox/medicapp_store.hpp"
#include "sandbox/settings.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::sandbox {

/// Everything that is simulated, without the sockets. For one thread.
class World {
  public:
    /// Fills Medicapp and the HIS. Throws std::runtime_error or std::invalid_argument for settings
    /// that cannot be used.
    World(Settings given, std::shared_ptr<const Clock> machine_clock);
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Sets a switch by name from now on; otherwise says what is wrong.
    std::optional<std::string> set(std::string_view name, std::string_view value);

    /// Change up to `count` patients chosen at random, one field each; return how many.
    std::uint64_t edit_his(std::uint64_t count);
    std::uint64_t edit_medicapp(std::uint64_t count);
    /// Erases up to `count` Medicapp patients chosen at random; returns how many.
    std::uint64_t erase_medicapp(std::uint64_t count);

    Settings settings;
    LoadReport loaded; ///< of the HIS's file, if there is one
    std::shared_ptr<const Clock> clock;
    Random random; ///< of what happens by itself
    MedicappStore medicapp_store;
    HisStore his_store;
    FaultScript faults;
    MedicappApi medicapp_api;
    HisApi his_api;
    FhirApi fhir_api;
    HisFace his_face;
    Front medicapp;
    Front his;

  private:
    void fill();
    void preload();
};

} // namespace medibridge::sandbox
