#pragma once

#include "deed.hpp"
#include "people.hpp"

#include "virtual_clock.hpp"

#include "sandbox/world.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::simulation {

/// True time in milliseconds: that of the virtual clock, which no jumping clock touches.
using TrueTime = std::int64_t;

/// What is true of one HIS record, however it is stored.
struct HisTruth {
    std::uint64_t person = 0;
    Values values; ///< empty where the HIS does not know
    bool spoiled = false;
    bool deceased = false;
    bool inactive = false;
    bool doubtful = false;
    bool doubled = false; ///< a second row has the identifier of somebody else
    bool deleted = false;
    int merged_into = -1; ///< another patient's number
    /// Somebody made the HIS say that the patient is merged or inactive; what it said before.
    std::optional<std::pair<int, bool>> before_forgery;
    sandbox::Millis stamp = 0;        ///< the HIS's own time of the record
    sandbox::Millis newest_stamp = 0; ///< the newest believable one that it ever carried
    bool absurd = false;              ///< its time is later than every clock
    TrueTime absurd_until = 0;        ///< what changed before had such a time, or may have had
    TrueTime changed_at = 0;
    TrueTime shown_at = 0; ///< when readers could first see it
    std::array<TrueTime, sandbox::medicapp_fields> field_changed_at{};
    /// Carries an older time than it did before: a filter by time may hide it.
    bool looks_old() const { return stamp < newest_stamp; }
    bool sendable() const {
        return !spoiled && !deceased && !inactive && !doubtful && !doubled && !deleted &&
               merged_into < 0;
    }
};

/// What a second HIS last said of a patient.
struct OtherWord {
    std::uint64_t person = 0;
    Values values;
    bool deceased = false;
    bool inactive = false;
    /// Nothing may be sent about the patient, whatever the first HIS says.
    bool stops() const { return deceased || inactive; }
    /// Whether it describes somebody else than these values do.
    bool contradicts(const Values& theirs) const;
};

/// What users and other programs did to one Medicapp patient.
struct MedicappTruth {
    std::optional<std::uint64_t> person; ///< nothing: the patient was created by the daemon
    Values user_values; ///< the last that somebody other than the daemon gave; empty: none
    std::array<TrueTime, sandbox::medicapp_fields> user_changed_at{};
    /// The address was changed without that any list could show it: at the very time that the
    /// patient already carried.
    bool address_untold = false;
    std::optional<Values> put_back; ///< what a backup put the patient back to
};

/// Both sides, and what is true of them.
class Hospital {
  public:
    /// The clock outlives it. `switches` are Medicapp's habits.
    Hospital(std::uint64_t seed, const sandbox::MedicappSwitches& switches,
             tests::VirtualClock& clock);

    /// Told of each patient whose record the HIS stores, once readers see it.
    std::function<void(int who)> on_stored;
    /// Told of each patient of whom the second HIS says something.
    std::function<void(int who)> on_told;

    void carry_out(const Deed& deed);
    /// What was written before its readers see it becomes visible, as far as it is due.
    void publish();
    /// Clocks are right again, and nobody is refused any more.
    void end_trouble();
    /// The status with which something before Medicapp refuses a request, because it is about one
    /// patient; 0: it does not.
    int refusal_of(const sandbox::Request& request) const;
    bool is_refused(int who) const { return refused_.contains(who); }

    sandbox::World& world() { return *world_; }
    /// Of the second HIS; its Medicapp is nobody's.
    sandbox::World& other_world() { return *other_world_; }
    TrueTime now() const { return clock_->now().time_since_epoch().count(); }
    static std::string identifier(int who) { return "P" + std::to_string(who); }
    const std::map<int, HisTruth>& his() const { return his_; }
    const std::map<int, OtherWord>& other_words() const { return other_words_; }
    /// What the second HIS says of that patient; null: nothing.
    const OtherWord* other_word(int who) const;
    const MedicappTruth* medicapp(sandbox::Slot slot) const;
    /// The living Medicapp patients, and what each holds.
    std::vector<std::pair<sandbox::Slot, Values>> medicapp_patients() const;
    std::string medicapp_id(sandbox::Slot slot) const { return world_->medicapp_store.id(slot); }
    bool was_erased(const std::string& external_id) const { return erased_.contains(external_id); }
    /// Whether the HIS has ever said of the patient, or of whom they are said to be one with, that
    /// they are one with somebody who was erased in Medicapp.
    bool was_one_with_erased(int who) const;
    /// Whether a living Medicapp patient had that externalId until a user changed it.
    bool was_renumbered(const std::string& external_id) const;
    /// The same, and the patient is that person.
    bool was_renumbered(const std::string& external_id, std::uint64_t person) const;
    /// Whether the HIS and Medicapp mean the same person by that identifier.
    bool is_same_person(int who) const;
    bool clock_jumped() const { return clock_jumped_; }
    /// Medicapp was restored from a backup.
    bool was_restored() const { return restored_; }
    /// Whether a backup had put the patient back to that value when a user edited them: such a
    /// patient is newer as a whole, with all that went back.
    bool went_back_unnoticed(sandbox::Slot slot, std::size_t field, const std::string& value) const;
    /// A side's clock went back, or a backup was restored, or so many patients were erased that one
    /// may have been.
    bool may_look_rewound() const { return clock_jumped_ || restored_ || erased_.size() >= 3; }
    /// Whose value it is; nothing for one that many share.
    std::optional<std::uint64_t> owner_of(const std::string& value) const;

  private:
    struct Pending {
        int who;
        TrueTime visible_at;
        sandbox::Millis stamp;
    };

    void tell_otherwise(const Deed& deed);
    void his_edit(const Deed& deed, bool late);
    void his_deed(HisTruth& truth, const Deed& deed);
    void forge(std::int64_t what);
    void take_back();
    void become(HisTruth& truth, int who, std::uint64_t number);
    void change(HisTruth& truth, sandbox::MedicappField field, std::string value);
    void store(int who, sandbox::Millis stamp);
    void medicapp_edit(const Deed& deed);
    void medicapp_agree(const Deed& deed);
    void edit_in_medicapp(sandbox::Slot slot, sandbox::MedicappField field, std::string value);
    void medicapp_erase(const Deed& deed);
    void medicapp_admit(const Deed& deed);
    void medicapp_renumber(const Deed& deed);
    void medicapp_back_up();
    void medicapp_restore();
    void show_double(int who, HisTruth& truth, bool shown);
    void note_user_values(sandbox::Slot slot, const Values& values);
    void own(std::uint64_t person, const Values& values);
    std::optional<sandbox::Slot> holder(int who) const;
    /// The contact or address field that a deed means.
    static sandbox::MedicappField contact_field(std::int64_t what);

    std::shared_ptr<const sandbox::Clock> machine_;
    tests::VirtualClock* clock_;
    std::unique_ptr<sandbox::World> world_;
    std::unique_ptr<sandbox::World> other_world_;
    std::map<int, HisTruth> his_;
    std::map<int, OtherWord> other_words_;
    std::map<sandbox::Slot, MedicappTruth> medicapp_;
    std::map<std::string, std::uint64_t> owners_; ///< of names and contact values
    std::set<std::string> erased_;
    std::set<std::pair<int, int>> merges_;            ///< that the HIS ever stated
    std::map<std::string, sandbox::Slot> renumbered_; ///< by the externalId that they had
    std::map<int, int> refused_;                      ///< the status by patient
    /// Medicapp as it was then, and what was true of it.
    struct Backup {
        sandbox::MedicappStore::Snapshot store;
        std::size_t slots = 0;
        std::uint64_t erased = 0;
        std::map<sandbox::Slot, MedicappTruth> truth;
        std::map<std::string, sandbox::Slot> renumbered;
    };
    std::optional<Backup> backup_;
    bool restored_ = false;
    std::map<sandbox::Slot, std::vector<Values>> edited_after_restore_; ///< what they went back to
    std::vector<Pending> pending_;
    std::uint64_t versions_ = 1000; ///< of values, so that each is new
    bool clock_jumped_ = false;
};

} // namespace medibridge::simulation
