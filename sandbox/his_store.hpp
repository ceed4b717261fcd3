#pragma once

#include "sandbox/medicapp_store.hpp"
#include "sandbox/ordered_index.hpp"
#include "sandbox/settings.hpp"
#include "sandbox/texts.hpp"
#include "sandbox/times.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace medibridge::sandbox {

/// The texts of a HIS patient, as the HIS shows them.
namespace his_field {
enum : std::size_t {
    ipp,
    birth_name,
    usual_name,
    given_names, ///< separated by line feeds
    birth_date,  ///< `31/12/1980`
    sex,         ///< 1, 2 or 9
    mail,
    mobile,
    street,
    city,
    postal_code,
    country,
    identity_status, ///< `VALI`, `PROV`, …
    merged_into,     ///< the survivor's ipp
    count,
};
} // namespace his_field
using HisTexts = Texts<his_field::count>;

/// A HIS patient on the way into the store.
struct HisDraft {
    std::array<std::optional<std::string>, his_field::count> texts;
    Millis modified = 0;
    bool active = true;
    bool deceased = false;
};

struct HisPatient {
    HisTexts texts;
    Millis modified = 0; ///< whole seconds
    bool active = true;
    bool deceased = false;
    bool erased = false;
};

/// A patient who was erased, and how they were before.
struct HisDeletion {
    Slot slot = 0;
    Millis at = 0;
    HisPatient last;
};

/// The patients of the simulated HIS, in the order of their last modification (then of their ipp),
/// of their ipp, or in that in which they were added.
class HisStore {
  public:
    HisStore();
    HisStore(const HisStore&) = delete;
    HisStore& operator=(const HisStore&) = delete;

    /// Adds a patient, or takes the place of the one with the same ipp.
    Slot put(const HisDraft& draft);
    /// Takes the place of a patient, who keeps the ipp.
    void replace(Slot slot, const HisDraft& draft);
    void erase(Slot slot, Millis at);
    /// Who was erased, in the order in which it happened.
    const std::vector<HisDeletion>& deletions() const { return deletions_; }

    const HisPatient& operator[](Slot slot) const { return patients_[slot]; }
    HisDraft draft(Slot slot) const;
    std::optional<Slot> find(std::string_view ipp) const;
    /// Patients modified at or after a moment (nothing: all). With a moment, the orders other than
    /// that of the modification cost a look at every patient.
    ListWindow list(HisOrder order, std::optional<Millis> from, std::size_t offset,
                    std::size_t count) const;
    /// Some living patient; nothing if there is none.
    std::optional<Slot> any(Random& random) const;

    std::size_t slots() const { return patients_.size(); } ///< erased patients included
    std::size_t size() const { return by_modified_.size(); }

  private:
    struct ByIpp {
        const HisStore* store = nullptr;
        bool operator()(const Place& a, const Place& b) const;
    };
    struct IppHash {
        using is_transparent = void;
        const HisStore* store;
        std::size_t operator()(std::string_view text) const;
        std::size_t operator()(Slot slot) const;
    };
    struct IppEqual {
        using is_transparent = void;
        const HisStore* store;
        bool operator()(Slot a, Slot b) const { return store->ipp(a) == store->ipp(b); }
        bool operator()(std::string_view a, Slot b) const { return a == store->ipp(b); }
        bool operator()(Slot a, std::string_view b) const { return b == store->ipp(a); }
    };

    void fill(Slot slot, const HisDraft& draft);
    template <class Index>
    ListWindow list_of(const Index& index, std::optional<Millis> from, std::size_t offset,
                       std::size_t count) const;
    std::string_view ipp(Slot slot) const { return patients_[slot].texts[his_field::ipp]; }

    std::vector<HisPatient> patients_;
    std::vector<HisDeletion> deletions_;
    std::unordered_set<Slot, IppHash, IppEqual> by_ipp_;
    OrderedIndex<ByIpp> by_modified_;
    OrderedIndex<ByIpp> in_order_of_ipp_; ///< all with the key 0
    OrderedIndex<BySlot> as_created_;     ///< likewise
};

} // namespace medibridge::sandbox
