#pragma once

#include "../connectors/inbox/rig.hpp"
#include "../sync/model_medicapp.hpp"
#include "../sync/model_source.hpp"
#include "connectors/inbox/source.hpp"
#include "jumping_clock.hpp"
#include "sync/shell/synchroniser.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace medibridge::tests {

/// A HIS that admits people, gives their numbers to others and changes them, and tells of it in
/// HL7; the bridge, and a Medicapp. Numbers are `10`, `11`, …, people are counted from 0. Collects
/// what breaks the invariants, over what is true and what Medicapp shows.
class Ward final : public InboxRig {
  public:
    /// Besides the messages, a source that lists everybody as they are.
    enum class List { none, after, before };
    explicit Ward(List list);
    ~Ward() override;

    /// What the HIS does, and tells at once.
    void admit(int who, int number);
    /// `bare`: the message does not say who that is.
    void change_number(int who, int number, bool bare = false);
    void edit(int who);
    /// A user of Medicapp erases the patient, if they are there.
    void erase(int who);

    void cycle(bool full = false);
    void restart_bridge();
    /// The HIS sends everybody again, and all is read.
    void settle();

    /// What an operator is told to do where two numbers are mixed up; then settle().
    void put_right_in_medicapp();

    bool is_admitted(int who) const { return numbers_.contains(who); }
    int people() const { return static_cast<int>(numbers_.size()); }
    /// Nobody has it now.
    bool is_free(int number) const;
    std::optional<int> number_of(int who) const;

    /// After settle(): whom Medicapp has not, or not as the HIS has them, while nobody is held for
    /// it.
    void check_end();
    /// Who is held, a line each.
    std::string held();
    /// Of those admitted, who is held for an operator.
    int left_to_operators();
    const std::vector<std::string>& broken() const { return broken_; }
    /// What was done, a line each.
    std::string story() const { return story_; }

  private:
    void TestBody() override {}
    void tell(const std::string& event, int who, int number, const std::string& former, bool bare);
    void open();
    void list_everybody();
    void tell_events();
    void check_patients();
    void check_phone(const std::string& id, int is);
    void check_number(const std::string& id, int is);
    void breaks(const std::string& id, const std::string& what);
    std::string word(const std::string& id) const;

    ModelMedicapp medicapp_;
    JumpingClock clock_;
    reconcile::Digester digester_{key};
    sync::Settings settings_;
    runtime::Stop stop_;
    sync::Observer observer_;
    std::unique_ptr<connectors::InboxSource> source_;
    List order_;
    std::optional<ModelSource> list_;
    std::unique_ptr<sync::Synchroniser> synchroniser_;
    std::map<int, int> numbers_;                 ///< by person, what the HIS has now
    std::map<int, std::string> phones_;          ///< by person
    std::map<std::string, int> people_;          ///< by Medicapp's id, who that is
    std::map<std::string, std::string> seen_as_; ///< by Medicapp's id, its externalId
    std::set<int> erased_;
    std::vector<std::string> broken_;
    std::string story_;
    int minutes_ = 0;
    int edits_ = 0;
};

} // namespace medibridge::tests
