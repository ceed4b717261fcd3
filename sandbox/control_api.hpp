#pragma once

#include "sandbox/front.hpp"
#include "sandbox/hl7_sender.hpp"
#include "sandbox/world.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::sandbox {

/// The `/sandbox` API: shows and changes Medicapp, the HIS and the faults. See docs/sandbox.md.
class ControlApi final : public Handler {
  public:
    /// `changed` is called after a switch was set.
    ControlApi(World& world, std::function<void()> changed);

    /// Where the statistics of the HL7 sender come from.
    void set_hl7_stats(std::function<Hl7Stats()> stats) { hl7_stats_ = std::move(stats); }

    Reply handle(const Request& request) override;

  private:
    Reply route(const Request& request, std::string_view path);
    Reply stats(Verb verb);
    Reply faults(const Request& request);
    Reply set_switches(const Request& request);
    Reply count_action(const Request& request, std::uint64_t (World::*action)(std::uint64_t));
    Reply snapshot_medicapp(const Request& request);
    Reply restore_medicapp(const Request& request);
    Reply medicapp_patients(const Request& request);
    Reply medicapp_patient(const Request& request, const std::string& key);
    Reply add_medicapp(std::string_view body);
    Reply his_patients(const Request& request);
    Reply his_patient(const Request& request, const std::string& ipp);

    World& world_;
    std::function<void()> changed_;
    std::function<Hl7Stats()> hl7_stats_; ///< empty: none is sending
    std::optional<MedicappStore::Snapshot> snapshot_;
};

} // namespace medibridge::sandbox
