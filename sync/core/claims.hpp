#pragma once

#include "base/log/event.hpp"
#include "reconcile/assess.hpp"
#include "sync/core/cycle_status.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/shown_patients.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// Whether the record says that its patient, who has an externalId, was merged into another.
bool is_merge(const reconcile::Assessed& record);

/// The audit's word for a claim that another source has refuted.
inline constexpr const char* merge_refuted_action = "merge_refuted";

/// Records may claim that a patient was merged into another one: their own patient, or another (a
/// former number, somebody whom they replace). A claim is believed only if no source has a record
/// in use of that patient: a record in use wins, whatever the order of pages, polls and sources. Of
/// another source's that arrived with an older time than the claim's this is not said: it tells how
/// the patient was before.
///
/// If another source refutes what a record states of its own patient, and the record says besides
/// that nothing of that patient may be sent (deleted, deceased), this goes on to be true.
///
/// A pass goes: begin_pass(); for each page open() and set_aside(); at its end refute() with what
/// the pass showed, and with a complete reading of each source that calls_for_look() names; then
/// take().
class Claims {
  public:
    /// `memory` outlives the claims: what was refuted once stays so.
    explicit Claims(Memory& memory) : memory_(&memory) {}

    /// What a source showed before the first write: it may refute what others claim.
    struct Witness {
        std::shared_ptr<const ShownPatients> shown;
        bool whole = false;    ///< it was asked for everybody, and read to its end
        bool complete = false; ///< and that is proven to be everybody
    };
    void take_witness(const std::string& source, Witness witness);

    /// Whether anybody has the externalId into which the record of `source` says that its patient
    /// was merged, as far as the sources have shown: yes, if one has shown them; else no, but of
    /// what arrived only if the record itself describes somebody; nothing: it is not known.
    std::optional<bool> shows_survivor(const std::string& source,
                                       const reconcile::Assessed& record) const;

    /// `source` says, on whatever page, that a linked patient goes on as `survivor`: the survivor's
    /// record waits for the end of its pass, so that it is not created before the claim is read.
    void expect(const std::string& source, const std::string& survivor);

    /// Forgets what an unfinished pass has left.
    void begin_pass();

    /// Returns the merges that are not refuted: those in `claims`, and those that records state of
    /// their own patients, which are removed from `records`. Look up their patients next. Those
    /// that are refuted are disputed() from now on; what they say besides returns to `records`.
    std::vector<reconcile::Assessed> open(const std::string& source,
                                          std::vector<reconcile::Assessed> claims,
                                          std::vector<reconcile::Assessed>& records);

    /// Keeps the open claims that matter to Medicapp. The records of their survivors leave
    /// `records` until take(), so that a patient who is renamed is not created first. Claims that
    /// do not matter return to `records` if they are the record's own. `known`: of the claims'
    /// patients.
    Effects set_aside(const std::string& source, std::vector<reconcile::Assessed> open,
                      const std::vector<state::Known>& known,
                      std::vector<reconcile::Assessed>& records);

    /// Whether what is known so far, or was once, refutes the claim of `source`.
    bool is_refuted(const std::string& source, const reconcile::Assessed& claim) const;
    /// Takes claims about linked patients up again, outside a pass, to look for who refutes them.
    void reconsider(const std::vector<reconcile::Assessed>& claims);

    /// Drops the claims of `source` that `witness`, itself or another source, refutes with what it
    /// has shown.
    void refute(const std::string& source, const std::string& witness, const ShownPatients& shown);

    /// What a claim says besides of its patient, if another source has refuted it; nothing: that is
    /// all that it says, or it stands.
    std::optional<reconcile::Assessed> left_of(const std::string& source,
                                               const reconcile::Assessed& claim) const;

    /// That another source has refuted the claim: an event and a line of the audit, once until the
    /// next full compare. Empty: it was told, or another record of `source` itself refutes it.
    Effects tell(const std::string& source, const reconcile::Assessed& claim);

    /// A source that could be read completely, to find records in use that nobody has shown yet.
    struct Candidate {
        std::string source;
        bool made_claims = false; ///< it is the pass's own source
        bool complete = false;    ///< of its own: the pass showed everybody
        bool knows_doubles = false;
    };
    /// Whether reading it may refute a claim about a linked patient.
    bool calls_for_look(const Candidate& candidate) const;

    /// If that reading failed, no claim is believed: the patients and their survivors wait for
    /// another cycle. `left` gets the survivors.
    Effects leave_all_for_later(std::set<std::string>& left);

    /// The claims that stand, what is left of others, and the survivors' records.
    std::vector<reconcile::Assessed> take();

    /// Takes out the claims that refute() has dropped since this was asked last.
    std::vector<reconcile::Assessed> take_dropped() { return std::exchange(dropped_, {}); }

    /// The claims of the pass that were refuted, by their survivors: who is new under such an
    /// externalId may be the patient who is in use under the former one.
    const std::map<std::string, reconcile::Assessed>& disputed() const { return disputed_; }

  private:
    struct Claim {
        reconcile::Assessed record;
        bool linked = false; ///< the patient whom it is about
    };

    std::optional<Refutation> refutation_by_another(const std::string& source,
                                                    const reconcile::Assessed& claim) const;
    void keep_chains(std::vector<reconcile::Assessed>& settled);

    Memory* memory_;
    std::map<std::string, Witness> witnesses_; ///< by source
    std::vector<Claim> claims_;
    std::vector<reconcile::Assessed> survivors_;
    std::vector<reconcile::Assessed> left_; ///< of claims that were refuted
    std::vector<reconcile::Assessed> dropped_;
    std::unordered_set<std::string> waited_for_; ///< survivors of claims_, on whatever page
    std::map<std::string, std::set<std::string>> expected_; ///< survivors, by source
    std::map<std::string, reconcile::Assessed> disputed_;   ///< by survivor
};

} // namespace medibridge::sync
