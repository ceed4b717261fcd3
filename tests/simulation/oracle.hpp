#pragma once

#include "hospital.hpp"
#include "network.hpp"

#include "log/event.hpp"
#include "state/store.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace medibridge::simulation {

/// States the invariants over what can be seen from outside, and knows nothing of how they are
/// kept. Collects what breaks them.
class Oracle final : public log::EventLog {
  public:
    /// Watches every request that reaches a side; both outlive the oracle.
    Oracle(Hospital& hospital, Network& network);

    /// Each event: no personal data, and each patient held once for each reason.
    void write(const log::Event& event) override;

    /// A patient is about to be erased in Medicapp; `known`: the state durably knows them.
    void sees_erasure(const std::string& external_id, bool known);

    /// The process or its state failed: what was said to be held counts only as far as it is kept.
    void sees_failure(state::Store* state);

    /// What a cycle without any trouble must leave behind. `full`: both sides were read whole.
    void check_settled(state::Store& state, bool full);
    /// The bytes of the state's files.
    void check_privacy(const std::string& bytes);
    /// From now on nothing may be written any more.
    void expect_no_writes() { writes_allowed_ = false; }
    void break_invariant(std::string what);

    const std::vector<std::string>& broken() const { return broken_; }
    std::int64_t writes() const { return writes_; }

  private:
    void before(const sandbox::Request& request);
    void after(const sandbox::Request& request, const sandbox::Reply& reply);
    void check_values(sandbox::Slot slot, std::uint64_t person, const Values& before,
                      const Values& now);
    Values values_of(sandbox::Slot slot) const;
    void check_record(int who, const HisTruth& truth, const state::Known& known, bool full);
    void check_hold(int who, const HisTruth& truth, const state::Held& held, bool full);
    void check_fields(int who, const HisTruth& truth, sandbox::Slot slot, const Values& shown);
    bool is_justified(int who, const HisTruth& truth, const state::Held& held) const;
    std::string accepted(const HisTruth& truth, sandbox::Slot slot, std::size_t field,
                         const std::string& shown) const;

    Hospital* hospital_;
    const Network* network_;
    std::vector<std::string> broken_;
    std::map<sandbox::Slot, std::uint64_t> created_for_; ///< the person of what the daemon created
    std::map<std::pair<std::string, std::string>, int> holds_; ///< by patient and reason
    std::set<std::string> erased_and_known_;
    std::optional<sandbox::Slot> slot_; ///< that the present request changes
    Values before_;
    std::size_t slots_before_ = 0;
    std::int64_t writes_ = 0;
    bool writes_allowed_ = true;
};

} // namespace medibridge::simulation
