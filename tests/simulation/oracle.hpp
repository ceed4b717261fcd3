#pragma once

#include "hospital.hpp"
#include "network.hpp"

#include "base/log/event.hpp"
#include "reconcile/policy.hpp"
#include "state/store.hpp"
#include "sync/core/inquiry.hpp"
#include "sync/core/report.hpp"

#include <iosfwd>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace medibridge::simulation {

/// States the invariants over what can be seen from outside, and knows nothing of how they are
/// kept. Collects what breaks them.
class Oracle final : public log::EventLog {
  public:
    /// Watches every request that reaches a side; both outlive the oracle. `policy`: the
    /// operator's choices.
    Oracle(Hospital& hospital, Network& network, const reconcile::Policy& policy);

    /// Each event: no personal data, and each patient held once for each reason.
    void write(const log::Event& event) override;

    /// The state is about to be lost with all that only it knows; null: it cannot even be read.
    void sees_loss(state::Store* state);
    /// Tells each request and event there; null: nowhere.
    void tell(std::ostream* log) { log_ = log; }
    /// A cycle begins: what users change from now on it may not have seen before it writes.
    void sees_cycle() {
        cycle_began_ = hospital_->now();
        ++cycles_;
    }
    /// Medicapp was put back: as long as somebody is older there than the state knows, and no
    /// operator was shown that, a cycle that reads everything may write nothing.
    void sees_restore(state::Store* state);
    /// The next cycle reads everything, or accepts what the last one showed, which does so, too.
    void sees_order(bool full, bool accepts_rewind);
    /// A cycle ended, and showed what stopped it.
    void sees_report(const sync::Report& report);
    /// A patient is about to be erased in Medicapp; `known`: the state durably knows them.
    void sees_erasure(const std::string& external_id, bool known);

    /// A user of Medicapp is about to change the patient's externalId, or to give it back.
    void sees_renumbering(const std::string& external_id, bool known);
    void sees_number_restored(const std::string& external_id);

    /// An operator says that the change of who the patient is is right.
    void sees_identity_confirmed(const std::string& external_id) {
        identity_confirmed_.insert(external_id);
    }

    /// An operator decides about P`who` without knowing what is true: from now on just what they
    /// say may happen to that patient, and to the Medicapp patient whom they mean.
    void sees_error(int who, const sync::Order& order, const state::Known& known);
    /// A decision about the patient became durable.
    void sees_taken(const std::string& external_id) { ++taken_[external_id]; }

    /// The process or its state failed: what was said to be held counts only as far as it is kept.
    void sees_failure(state::Store* state);

    /// What a cycle without any trouble must leave behind. `full`: both sides were read whole.
    void check_settled(state::Store& state, bool full);
    /// Every decision that was taken stands in the audit, and came to one end at most.
    void check_decisions(state::Store& state);
    /// What was forged at scale was stopped by the guard: nothing of it lasts.
    void check_forgery(state::Store& state);
    /// The bytes of the state's files.
    void check_privacy(const std::string& bytes);
    /// From now on nothing may be written any more.
    void expect_no_writes() { writes_allowed_ = false; }
    void break_invariant(std::string what);

    const std::vector<std::string>& broken() const { return broken_; }
    std::int64_t writes() const { return writes_; }

  private:
    void check_rewinds();
    void before(const sandbox::Request& request);
    void after(const sandbox::Request& request);
    void check_values(sandbox::Slot slot, std::uint64_t person, const Values& before,
                      const Values& now);
    /// Whether an operator said that the patient is who the HIS means by some identifier.
    bool is_declared(sandbox::Slot slot, std::uint64_t person) const;
    void note_overwritten(sandbox::Slot slot, const Values& before, const Values& now);
    Values values_of(sandbox::Slot slot) const;
    void check_record(int who, const HisTruth& truth, const state::Known& known, bool full);
    void check_told_otherwise(int who, const OtherWord& word, const state::Known& known, bool full);
    void check_hold(int who, const HisTruth& truth, const state::Held& held, bool full);
    bool survives_in_doubt(int who) const;
    bool is_possible_duplicate(const Values& his) const;
    bool cannot_change(std::size_t field) const;
    void check_fields(int who, const HisTruth& truth, sandbox::Slot slot, const Values& shown);
    bool is_justified(int who, const HisTruth& truth, const state::Held& held) const;
    std::string accepted(const HisTruth& truth, sandbox::Slot slot, std::size_t field,
                         const Values& all_shown) const;
    void check_address(int who, const HisTruth& truth, sandbox::Slot slot, const Values& shown);

    Hospital* hospital_;
    const Network* network_;
    std::ostream* log_ = nullptr;
    reconcile::Policy policy_;
    std::vector<std::string> broken_;
    std::map<sandbox::Slot, std::uint64_t> created_for_; ///< the person of what the daemon created
    std::map<std::pair<std::string, std::string>, int> holds_; ///< by patient and reason
    std::set<std::string> erased_and_known_;
    /// What was written over an edit of the same cycle: nothing in Medicapp's interface forbids it.
    std::set<std::pair<sandbox::Slot, std::size_t>> overwritten_;
    TrueTime cycle_began_ = 0;
    /// A patient who is older in Medicapp than the state knows.
    struct Rewound {
        sandbox::Millis known_at = 0;
        sandbox::Millis shown_at = 0;
        std::int64_t cycle = 0; ///< in or after which they went back
        bool shown = false;     ///< an operator was shown them so, and accepted it
    };
    std::map<sandbox::Slot, Rewound> rewound_;
    std::int64_t cycles_ = 0;
    bool reads_all_ = false;              ///< the present cycle does
    bool accepts_ = false;                ///< and accepts what the last one showed
    std::optional<TrueTime> accepted_at_; ///< an acceptance holds since then
    std::vector<std::string> shown_;      ///< who went back, as the last cycle showed it
    std::int64_t shown_in_ = 0;           ///< the number of that cycle
    bool state_lost_ = false;
    std::set<std::string> renumbered_and_known_;
    std::set<std::string> identity_confirmed_;
    std::map<std::string, int> taken_; ///< decisions by externalId, since the state was lost
    std::map<std::string, int> creations_ordered_; ///< of those who may not come back by themselves
    std::map<sandbox::Slot, std::set<int>> declared_; ///< whom an operator said the patient to be
    std::optional<sandbox::Slot> slot_;               ///< that the present request changes
    Values before_;
    std::size_t slots_before_ = 0;
    std::int64_t writes_ = 0;
    bool writes_allowed_ = true;
};

} // namespace medibridge::simulation
