#pragma once

#include "base/bytes/id_set.hpp"
#include "reconcile/watermark.hpp"
#include "sync/core/cycle_status.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What a page of Medicapp's list shows of patients, linked or not.
namespace medibridge::sync {

/// What is kept of a Medicapp patient who is linked to nobody.
state::Unlinked unlinked_of(const Rules& rules, const connectors::MedicappPatient& patient);

/// One pass over the list, page by page: what it says about time, and whether it showed everybody.
class MedicappPass {
  public:
    /// `anchor` is the id of the patient who is looked for in it.
    explicit MedicappPass(std::string anchor) { result.anchor = std::move(anchor); }

    /// `query` is the one that the page answers.
    void note(const connectors::MedicappPage& page, const connectors::ListQuery& query);
    /// Whether the list stood still, and its own numbers agree with what was shown.
    bool proven() const;
    /// Logged; after limits::reading_passes the list is left for the next cycle.
    Effects moved(int attempt) const;

    reconcile::ReadResult result;
    base::IdSet ids;
    bool ended = false;

  private:
    std::string contradiction_; ///< which of a page's own numbers disagree; empty: none
    std::int64_t total_ = 0;
    std::int64_t nameless_ = 0;
    bool stable_ = true;
};

/// A create that was never answered, and the Medicapp patient that carries its externalId now.
struct Unanswered {
    state::Intent create;
    std::string medicapp_id;
};

/// What follows from a page, and what must be read to know more.
struct PageFindings {
    Effects effects;
    std::vector<state::Link> to_observe; ///< changed, and not all of them is listed
    std::vector<Unanswered> unanswered;
};

/// A Medicapp patient who is not linked: as the page shows them, and as they were known before.
struct UnlinkedSight {
    const connectors::MedicappPatient* now;
    std::optional<state::Unlinked> before;
};

/// Who is held because of one of these patients, and who has changed: their records are wanted,
/// once for each change.
void want_held_about(const Rules& rules, Memory& memory, Observations& observations,
                     const std::vector<UnlinkedSight>& patients,
                     const std::vector<state::Held>& held);

/// Notes who of the page is linked and older than when last seen, and nothing else.
void find_stale(const Rules& rules, Observations& observations,
                const connectors::MedicappPage& page,
                const std::vector<std::optional<state::Link>>& links);

/// `links` and `known` are what the state has of the patients' ids and externalIds, in the page's
/// order. `compare_all`: linked patients are compared even if their modification time is as known.
PageFindings find_in_page(const Rules& rules, Observations& observations,
                          const connectors::MedicappPage& page,
                          const std::vector<std::optional<state::Link>>& links,
                          const std::vector<state::Known>& known, bool compare_all);

/// Holds linked patients whose externalId was changed in Medicapp: nobody knows whom they describe.
/// `known`: of their former externalIds. Those who would be held are counted by
/// count_renamed().
Effects hold_renamed(const Rules& rules, const std::vector<Renamed>& patients,
                     const std::vector<state::Known>& known);

void count_renamed(const std::vector<Renamed>& patients, const std::vector<state::Known>& known,
                   ChangeCounter& changes);

/// What follows if `patient`, read by its id, is what the create made; nothing otherwise.
Effects link_if_created(const Rules& rules, const state::Intent& create,
                        const connectors::MedicappPatient& patient);

} // namespace medibridge::sync
