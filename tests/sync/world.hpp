#pragma once

#include "model_medicapp.hpp"
#include "model_source.hpp"

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "reconcile/digest.hpp"
#include "state/store.hpp"
#include "sync/shell/synchroniser.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace medibridge::tests {

class RecordingLog final : public log::EventLog {
  public:
    void write(const log::Event& event) override { events.push_back(event); }
    int count(std::string_view name) const {
        return static_cast<int>(std::ranges::count(
            events, name, [](const log::Event& event) { return event.type().name; }));
    }
    std::vector<log::Event> events;
};

/// Medicapp, a HIS, a state file on disk and the settings: one hospital.
class World {
  public:
    /// Of its state.
    static constexpr std::array<std::uint8_t, 32> key{7, 7, 7};

    World();
    ~World();

    ModelMedicapp medicapp;
    ModelSource his{"his"};
    std::vector<connectors::Source*> sources{&his};
    sync::Settings settings;
    runtime::Stop stop;
    RecordingLog log;
    sync::Observer unobservant;
    sync::Observer* observer = &unobservant; ///< from the next restart on
    /// Called before each durable commit, with its number in this world; may throw.
    std::function<void(int)> before_commit;
    int commits = 0;

    /// One cycle. Rethrows what the cycle throws.
    sync::Report run(sync::Request request = {});
    /// The same, which compares both sides completely.
    sync::Report run_whole();
    /// A cycle of arrivals, for which the cycle before must have left nothing.
    sync::Report take_arrivals();
    bool takes_arrivals() const { return synchroniser_->takes_arrivals(); }
    bool new_patient_waits() const { return synchroniser_->new_patient_waits(); }
    /// On this machine's clock.
    void pass(std::chrono::milliseconds time);
    /// What an operator sees of a patient, and decides: the text says why not; empty: taken.
    sync::Inquiry look(const std::string& key);
    std::string decide(sync::Order order);
    /// Looks, decides on what was seen, and fails the test if the decision is not taken.
    void look_and_decide(const std::string& key, sync::DecisionKind kind,
                         const std::string& medicapp_id = {});
    /// Closes the state and opens it again, as a restart does.
    void restart();
    /// The same; meanwhile somebody else has the state's file.
    void restart(const std::function<void(const std::filesystem::path&)>& meanwhile);
    /// Patients `P1` … `Pn` in the HIS, all different people.
    void fill_his(int count);
    state::Store& state() { return *store_; }
    std::vector<state::Held> held();
    /// Time passes on both sides, so that what was read is settled by the next cycle.
    void let_settle();

  private:
    std::filesystem::path directory_;
    std::unique_ptr<state::Store> sqlite_;
    std::unique_ptr<state::Store> store_;
    std::unique_ptr<sync::Synchroniser> synchroniser_;
    std::unique_ptr<state::Database> database_;
    reconcile::Digester digester_;
    std::unique_ptr<runtime::Clock> clock_;
};

/// A phone number that no patient begins with.
inline constexpr const char* new_phone = "+33612340077";

/// What an operator accepts who was shown what those guards of the report have seen.
sync::Consent consent_to(const sync::Report& report, std::string_view guard);
std::vector<std::string> guards_of(const sync::Report& report);

reconcile::FieldSet fields(std::initializer_list<reconcile::Field> list);
const std::string& text(const connectors::MedicappPatient& patient, reconcile::Field field);

} // namespace medibridge::tests
