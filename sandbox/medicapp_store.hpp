#pragma once

#include "sandbox/ordered_index.hpp"
#include "sandbox/random.hpp"
#include "sandbox/settings.hpp"
#include "sandbox/texts.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace medibridge::sandbox {

/// The texts of a Medicapp patient.
enum MedicappField : std::size_t {
    external_id,
    last_name,
    first_name,
    birth_date,
    gender,
    email,
    phone,
    street,
    city,
    postal_code,
    country,
};
inline constexpr std::size_t medicapp_fields = 11;
using MedicappTexts = Texts<medicapp_fields>;

struct MedicappPatient {
    MedicappTexts texts;
    Millis created = 0;
    Millis modified = 0;
    Millis listed_modified = 0; ///< as the lists still know it
    std::int64_t order_key = 0; ///< in the lists' order
    std::uint32_t revision = 0; ///< counts writes
    bool listed = false;
    bool erased = false;
};

/// What a list is asked for.
struct ListQuery {
    std::optional<Millis> created_after;
    std::optional<Millis> modified_after;
    Bound bound = Bound::inclusive;
    std::size_t offset = 0;
    std::size_t count = 0;
};

struct ListWindow {
    std::vector<Slot> slots;
    std::size_t total = 0;
};

/// The patients of the simulated Medicapp with the indexes that its API needs. A slot is a
/// patient's number in order of creation; it is never used twice.
class MedicappStore {
  public:
    MedicappStore(ListOrder order, std::uint64_t seed);
    MedicappStore(const MedicappStore&) = delete;
    MedicappStore& operator=(const MedicappStore&) = delete;

    /// Lists show the patient from `visible_at` on, on the clock whose time publish() is given.
    Slot add(const MedicappTexts::Views& texts, Millis now, Millis visible_at);
    void change(Slot slot, const MedicappTexts::Views& texts, Millis now, Millis visible_at);
    void erase(Slot slot);
    /// Brings the lists up to date with what has become visible.
    void publish(Millis steady_now);
    void set_order(ListOrder order);

    /// All patients as they are now, for restore().
    class Snapshot {
      public:
        Snapshot() = default;

      private:
        friend class MedicappStore;
        std::vector<MedicappPatient> patients_;
    };
    Snapshot snapshot() const;
    /// Everybody is as they were then, and in the lists at once; who came later is erased.
    void restore(const Snapshot& snapshot);

    const MedicappPatient& operator[](Slot slot) const { return patients_[slot]; }
    /// `pat_` and 16 hexadecimal digits.
    std::string id(Slot slot) const;
    /// Nothing for an id that is malformed, unknown or erased.
    std::optional<Slot> find(std::string_view id) const;
    std::optional<Slot> find_external(std::string_view external_id) const;
    ListWindow list(const ListQuery& query);
    /// Some living patient; nothing if there is none.
    std::optional<Slot> any(Random& random) const;

    std::size_t slots() const { return patients_.size(); } ///< erased patients included
    std::size_t size() const { return patients_.size() - erased_; }
    std::uint64_t erased() const { return erased_; }
    /// Patients created although another living one had the same externalId.
    std::uint64_t duplicates() const { return duplicates_; }
    /// Patients created with the externalId of one that had been erased.
    std::uint64_t resurrected() const { return resurrected_; }

  private:
    struct ExternalHash {
        using is_transparent = void;
        const MedicappStore* store;
        std::size_t operator()(std::string_view text) const;
        std::size_t operator()(Slot slot) const;
    };
    struct ExternalEqual {
        using is_transparent = void;
        const MedicappStore* store;
        bool operator()(Slot a, Slot b) const;
        bool operator()(std::string_view a, Slot b) const;
        bool operator()(Slot a, std::string_view b) const { return (*this)(b, a); }
    };
    struct Waiting {
        Millis visible_at;
        Slot slot;
    };
    /// The last filtered list, as long as nothing changes: its next page is not sorted again.
    struct Sorted {
        std::uint64_t version = 0;
        std::optional<Millis> created_after;
        std::optional<Millis> modified_after;
        Bound bound = Bound::inclusive;
        std::vector<Slot> slots;
    };

    std::string_view external(Slot slot) const { return patients_[slot].texts[external_id]; }
    void forget_external(Slot slot);
    void show(Slot slot, Millis visible_at);
    void enlist(Slot slot);
    void delist(Slot slot);
    std::int64_t order_key(Slot slot) const;
    const std::vector<Slot>& sorted(const ListQuery& query);

    ListOrder order_;
    std::uint64_t salt_;
    std::vector<MedicappPatient> patients_;
    std::unordered_multiset<Slot, ExternalHash, ExternalEqual> by_external_;
    std::unordered_set<std::uint64_t> erased_externals_; ///< hashes
    OrderedIndex<BySlot> by_order_; ///< empty while the order is that of by_modified_
    OrderedIndex<BySlot> by_modified_;
    std::deque<Waiting> waiting_;
    Sorted sorted_;
    std::uint64_t version_ = 1; ///< of the lists
    std::uint64_t erased_ = 0;
    std::uint64_t duplicates_ = 0;
    std::uint64_t resurrected_ = 0;
};

} // namespace medibridge::sandbox
