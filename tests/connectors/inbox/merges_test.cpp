#include "rig.hpp"

#include <gmock/gmock.h>

// Merges and changed identifiers, as the inbox keeps them for the synchronisation.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::SourceRecord;

constexpr auto phone_a = "0611111111";
constexpr auto phone_b = "0622222222";

class InboxMergesTest : public InboxRig {
  protected:
    void say(const std::string& event, const std::string& id, std::map<int, std::string> pid,
             const std::string& retired = {}, long minute = 0) {
        Adt adt;
        adt.event = event;
        adt.id = id;
        adt.pid = std::move(pid);
        adt.retired = retired;
        minutes_ = minute != 0 ? minute : minutes_ + 1;
        adt.recorded = std::to_string(202611280800 + minutes_);
        send(adt);
    }
    void merge_row(const std::string& id, const std::string& into) {
        SourceRecord row;
        row.patient.set_external_id(id);
        row.merged_into = into;
        row.said.add(reconcile::Fact::merge);
        put_records({row});
    }
    static std::map<int, std::string> anne_at(const std::string& its_phone) {
        return anne({{13, its_phone + "^PRN^CP"}});
    }
    /// `into 7002`, `renamed 7002`, `deleted`, `in use`.
    std::string state(const std::string& id) {
        const auto record = shown(id);
        if (!record.merged_into.empty())
            return (record.renamed ? "renamed " : "into ") + record.merged_into;
        return record.deleted ? "deleted" : "in use";
    }

    long minutes_ = 0;
};

TEST_F(InboxMergesTest, AChangedIdentifierTakesAlongWhatWasKnown) {
    say("A28", "7001",
        anne({{13, std::string(phone_a) + "^PRN^CP"},
              {11, "1 rue A^^Sète^^34200^FRA^H"},
              {32, "VALI"},
              {30, "Y"}}));
    say("A47", "7002", anne_at(phone_b), "7001");
    EXPECT_EQ(state("7001"), "renamed 7002");
    EXPECT_EQ(state("7002"), "in use");
    EXPECT_EQ(phone("7002"), phone_b) << "what the message says";
    EXPECT_EQ(field(Field::street, "7002"), "1 rue A") << "what it leaves out";
    EXPECT_EQ(shown("7002").identity_status, "VALI");
    EXPECT_TRUE(shown("7002").deceased);
}

TEST_F(InboxMergesTest, PriorNumbersGoAlongAChain) {
    using testing::UnorderedElementsAre;
    say("A28", "7001", anne_at(phone_a));
    say("A47", "7002", anne_at(phone_a), "7001");
    say("A47", "7003", anne_at(phone_a), "7002");
    EXPECT_THAT(shown("7003").prior_ids, UnorderedElementsAre("7001", "7002"));
}

/// Before a cycle has followed, somebody else comes under the number and leaves it: whoever goes on
/// from there may be either.
TEST_F(InboxMergesTest, APriorNumberIsKeptAlsoWhereItIsUnclearWhoseItIs) {
    const std::map<int, std::string> luc{{5, "FAURE^Luc^^^^^L"}, {7, "19700716"}, {8, "M"}};
    say("A28", "7001", anne_at(phone_a));
    say("A28", "7004", luc);
    take();
    say("A47", "7002", anne_at(phone_a), "7001");
    say("A47", "7001", luc, "7004");
    say("A47", "7003", luc, "7001");
    EXPECT_THAT(shown("7003").prior_ids, testing::Contains("7001"));
}

/// What was known of the one is not said of the other, in whichever order they arrive.
TEST_F(InboxMergesTest, AChangedIdentifierThatDescribesAnotherPersonTakesNothingAlong) {
    const std::map<int, std::string> luc{{5, "FAURE^Luc^^^^^L"}, {7, "19700716"}, {8, "M"}};
    for (const bool known_before : {false, true}) {
        SCOPED_TRACE(known_before ? "described before" : "described by the change itself");
        const std::string id = known_before ? "7004" : "7002";
        const std::string former = known_before ? "7003" : "7001";
        say("A28", former, anne({{13, std::string(phone_a) + "^PRN^CP"}, {30, "Y"}}));
        if (known_before) say("A28", id, luc);
        take();
        say("A47", id, luc, former);
        EXPECT_EQ(state(former), "renamed " + id);
        EXPECT_FALSE(shown(id).ambiguous);
        EXPECT_EQ(field(Field::last_name, id), "FAURE");
        EXPECT_EQ(phone(id), "(unknown)");
        EXPECT_FALSE(shown(id).deceased);
    }
}

/// One entry cannot say that the one has left and the other has come.
TEST_F(InboxMergesTest, WhoComesUnderANumberThatWasJustLeftIsAmbiguousThere) {
    const std::map<int, std::string> luc{{5, "FAURE^Luc^^^^^L"}, {7, "19700716"}, {8, "M"}};
    const auto expect_left = [&] {
        EXPECT_EQ(state("7001"), "renamed 7002");
        EXPECT_TRUE(shown("7001").ambiguous);
        EXPECT_EQ(field(Field::last_name, "7002"), "MOREL");
    };
    say("A28", "7001", anne());
    take();
    say("A47", "7002", anne(), "7001");
    say("A28", "7001", luc);
    expect_left();
    say("A31", "7001", anne());
    expect_left();
    take();
    say("A31", "7001", luc);
    EXPECT_EQ(state("7001"), "in use") << "once the change was followed";
    EXPECT_FALSE(shown("7001").ambiguous);
    EXPECT_EQ(field(Field::last_name, "7001"), "FAURE");
}

TEST_F(InboxMergesTest, WhoIsGivenANumberThatWasJustLeftIsAmbiguousThere) {
    say("A28", "7001", anne_at(phone_a));
    say("A28", "7003", {{5, "FAURE^Luc^^^^^L"}, {7, "19700716"}, {8, "M"}});
    take();
    say("A47", "7002", {}, "7001");
    say("A47", "7001", {}, "7003");
    EXPECT_EQ(state("7001"), "renamed 7002");
    EXPECT_TRUE(shown("7001").ambiguous);
    EXPECT_EQ(state("7003"), "renamed 7001");
    EXPECT_EQ(phone("7002"), phone_a);
    take();
    say("A31", "7001", {{13, std::string(phone_b) + "^PRN^CP"}});
    EXPECT_EQ(field(Field::last_name, "7001"), "(unknown)") << "whose phone is it?";
}

/// What is known under the number is of the one who left.
TEST_F(InboxMergesTest, WhoIsGivenANumberThatIsFreeIsKnownThere) {
    const std::map<int, std::string> luc{{5, "FAURE^Luc^^^^^L"}, {7, "19700716"}, {8, "M"}};
    for (const bool described : {true, false}) {
        SCOPED_TRACE(described);
        const std::string left = described ? "7001" : "7011";
        const std::string came = described ? "7003" : "7013";
        say("A28", left, anne_at(phone_a));
        say("A28", came, luc);
        say("A47", left + "9", anne_at(phone_a), left);
        take();
        say("A47", left, described ? luc : std::map<int, std::string>(), came);
        EXPECT_EQ(state(left), "in use");
        EXPECT_FALSE(shown(left).ambiguous);
        EXPECT_EQ(field(Field::last_name, left), "FAURE");
        EXPECT_EQ(phone(left), "(unknown)");
        EXPECT_EQ(state(came), "renamed " + left);
    }
}

TEST_F(InboxMergesTest, AChangedIdentifierAloneIsTheSamePatient) {
    say("A28", "7001", anne_at(phone_a));
    say("A47", "7002", {}, "7001");
    EXPECT_EQ(field(Field::last_name, "7002"), "MOREL");
    EXPECT_EQ(phone("7002"), phone_a);
    say("A31", "7002", anne_at(phone_b));
    EXPECT_EQ(phone("7002"), phone_b);
    say("A47", "7002", {}, "7001");
    EXPECT_EQ(phone("7002"), phone_b) << "said again, it changes nothing";
}

TEST_F(InboxMergesTest, AChangedIdentifierFillsWhatAFirstMessageUnderItLeftOut) {
    say("A28", "7001", anne_at(phone_a));
    say("A31", "7002", {{13, std::string(phone_b) + "^PRN^CP"}});
    say("A47", "7002", {}, "7001");
    EXPECT_EQ(field(Field::last_name, "7002"), "MOREL");
    EXPECT_EQ(phone("7002"), phone_b);
}

TEST_F(InboxMergesTest, AMergeIntoSomebodyUnknownIsAChangeOfIdentifier) {
    say("A28", "7001", anne_at(phone_a));
    say("A40", "7002", {}, "7001");
    EXPECT_EQ(state("7001"), "into 7002");
    EXPECT_EQ(field(Field::last_name, "7002"), "MOREL");
    EXPECT_EQ(phone("7002"), phone_a);
    say("A31", "7002", anne_at(phone_b));
    EXPECT_EQ(phone("7002"), phone_b);
    EXPECT_EQ(all().size(), 2u);
}

TEST_F(InboxMergesTest, AMergeIntoSomebodyKnownTakesNothingAlong) {
    say("A28", "7001", anne_at(phone_a));
    say("A28", "7002", anne());
    say("A40", "7002", {}, "7001");
    EXPECT_EQ(phone("7002"), "(unknown)");
    say("A28", "7003", anne_at(phone_a));
    say("A40", "7004", anne(), "7003");
    EXPECT_EQ(phone("7004"), "(unknown)") << "the message describes whoever goes on";
}

TEST_F(InboxMergesTest, AMergeThatListsBothIdentifiersNamesTheOneThatGoesOn) {
    say("A28", "7001", anne_at(phone_a));
    say("A40", "7002 7001", anne_at(phone_b), "7001");
    EXPECT_EQ(state("7001"), "into 7002");
    EXPECT_EQ(state("7002"), "in use");
    EXPECT_EQ(phone("7002"), phone_b);
    say("A28", "7003", anne_at(phone_a));
    say("A47", "7003 7004", anne(), "7003");
    EXPECT_EQ(state("7003"), "renamed 7004");
}

TEST_F(InboxMergesTest, AMergeThatDeletesItsSourceIsAMerge) {
    for (const bool deleted_first : {true, false}) {
        const std::string from = deleted_first ? "7001" : "7003";
        const std::string to = deleted_first ? "7002" : "7004";
        say("A28", from, anne_at(phone_a));
        say("A28", to, anne());
        if (deleted_first) say("A29", from, anne());
        say("A40", to, anne(), from);
        if (!deleted_first) say("A29", from, anne());
        EXPECT_EQ(state(from), "into " + to);
        EXPECT_EQ(state(to), "in use");
    }
}

TEST_F(InboxMergesTest, ARecordInUseLiftsAMerge) {
    say("A28", "7001", anne());
    say("A28", "7002", anne());
    say("A40", "7002", anne(), "7001", 10);
    say("A31", "7001", anne_at(phone_a), {}, 5);
    EXPECT_EQ(state("7001"), "into 7002") << "an older message was before the merge";
    say("A31", "7001", anne_at(phone_a), {}, 11);
    EXPECT_EQ(state("7001"), "in use");
    say("A40", "7002", anne(), "7001", 8);
    EXPECT_EQ(state("7001"), "in use") << "an older merge was before that";
    say("A40", "7002", anne(), "7001", 12);
    EXPECT_EQ(state("7001"), "into 7002");
}

TEST_F(InboxMergesTest, MergesOfAllKindsDoNoHarm) {
    say("A28", "7001", anne_at(phone_a));
    say("A28", "7002", anne_at(phone_b));
    say("A40", "7002", {}, "7001");
    say("A40", "7002", {}, "7001");
    EXPECT_EQ(state("7001"), "into 7002") << "repeated";
    EXPECT_EQ(phone("7002"), phone_b);
    say("A40", "7001", {}, "7002");
    EXPECT_EQ(state("7001"), "in use") << "inverse, though it describes nobody";
    EXPECT_EQ(state("7002"), "into 7001");
    say("A40", "7001", anne(), "7001");
    EXPECT_EQ(state("7001"), "in use") << "of itself";
    EXPECT_EQ(phone("7001"), phone_a);
    const auto before = minutes_;
    say("A40", "7002", {}, "7001", before - 2);
    EXPECT_EQ(state("7001"), "in use") << "an older inverse";
    EXPECT_EQ(state("7002"), "into 7001");
    minutes_ = before;
    say("A24", "7001", anne());
    say("A37", "7001", anne());
    EXPECT_EQ(state("7001"), "in use");
    EXPECT_EQ(state("7002"), "into 7001") << "links are no merges";
}

TEST_F(InboxMergesTest, AChainKeepsEveryStep) {
    say("A28", "7001", anne_at(phone_a));
    say("A47", "7002", {}, "7001");
    say("A47", "7003", {}, "7002");
    EXPECT_EQ(state("7001"), "renamed 7002");
    EXPECT_EQ(state("7002"), "renamed 7003");
    EXPECT_EQ(phone("7003"), phone_a);
    say("A47", "7001", {}, "7003");
    EXPECT_EQ(state("7001"), "in use") << "back to the first";
    EXPECT_EQ(phone("7001"), phone_a);
}

/// A row states its own patient's merge; what the survivor's own row says stands.
TEST_F(InboxMergesTest, OfRowsInAChainEachStands) {
    merge_row("7002", "7003");
    merge_row("7001", "7002");
    EXPECT_EQ(state("7002"), "into 7003");
    EXPECT_EQ(state("7001"), "into 7002");
}

TEST_F(InboxMergesTest, OfRowsInARingTheLastOneCounts) {
    merge_row("7001", "7002");
    merge_row("7002", "7001");
    EXPECT_EQ(state("7001"), "in use");
    EXPECT_EQ(state("7002"), "into 7001");
    merge_row("7003", "7004");
    merge_row("7004", "7005");
    merge_row("7005", "7003");
    EXPECT_EQ(state("7003"), "in use");
    EXPECT_EQ(state("7004"), "into 7005");
    EXPECT_EQ(state("7005"), "into 7003");
}

TEST_F(InboxMergesTest, NothingIsTakenAlongFromSomebodyWhoIsTwo) {
    SourceRecord one;
    one.patient.set_external_id("7001");
    one.patient[Field::last_name] = reconcile::FieldValue::known("UN");
    one.patient[Field::first_name] = reconcile::FieldValue::known("Alice");
    one.patient[Field::birth_date] = reconcile::FieldValue::known("1980-01-01");
    auto other = one;
    other.patient[Field::first_name] = reconcile::FieldValue::known("Bob");
    put_records({one, other});
    say("A47", "7002", {}, "7001");
    EXPECT_FALSE(shown("7002").patient[Field::last_name].is_known());
    EXPECT_THAT(shown("7002").prior_ids, testing::ElementsAre("7001"));
}

} // namespace
} // namespace medibridge::tests
