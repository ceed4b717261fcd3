#pragma once

#include "sync/core/changes.hpp"
#include "sync/core/decision.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

/// A cycle of arrivals takes what senders have pushed, between two whole cycles: see
/// Request::only_arrivals. What it leaves to a whole one, and how its changes are judged.
namespace medibridge::sync {

/// Whether the linked Medicapp patient, read before a write, is gone, or older than when last seen:
/// that may be true of more than this patient, and only Medicapp's list tells.
bool may_be_rewound(const Item& item, const std::vector<connectors::MedicappPatient>& details);

/// Whether what is decided of a patient who is not linked needs the word of other sources, too.
bool speaks_of_new_patient(const Item& item);

/// What was changed of linked patients a moment ago counts together with what comes, whatever
/// cycles take it: a storm that comes as many small cycles is judged as one. Updates by arrivals
/// count within half a second of the first; whoever was held, merged or renamed, in any cycle,
/// within an hour, as so many never are by themselves, and nobody may look at them again. Moments
/// are of a clock that never goes back.
class Burst {
  public:
    static constexpr std::chrono::milliseconds length{500};
    static constexpr std::chrono::hours lasting_length{1};

    /// What counts together with what comes at this moment.
    const ChangeCounter& at(std::chrono::milliseconds now);
    /// A cycle was judged: from now on all of it counts.
    void note(ChangeCounter judged) { changes_ = std::move(judged); }
    /// A merge that was judged is none, as a record in use has refuted it.
    void take_back(const Change& merge) { changes_.take_back(merge); }
    /// Together they are more than is plausible: they count until a guard lets a whole cycle pass.
    void exceed() { exceeded_ = true; }
    /// A whole cycle was plausible.
    void end();
    /// An operator accepted all of it.
    void forget() { *this = Burst(); }

    /// The patient was not linked when the burst began: what it changes of them is no change.
    void exempt(const std::string& external_id) { new_links_.insert(external_id); }
    bool is_new(const std::string& external_id) const { return new_links_.contains(external_id); }

  private:
    bool is_open_ = false;
    bool exceeded_ = false;
    std::chrono::milliseconds until_{0};
    std::chrono::milliseconds lasting_until_{0};
    ChangeCounter changes_;
    base::IdSet new_links_;
};

} // namespace medibridge::sync
