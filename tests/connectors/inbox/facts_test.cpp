#include "rig.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

// What was said can be unsaid. HL7 v2.5 §2.10: an empty field says nothing, `""` empties, and a
// field that repeats is sent whole.

namespace medibridge::tests {
namespace {

using reconcile::Fact;
using reconcile::Field;
using reconcile::SourceRecord;

using Pid = std::map<int, std::string>;

constexpr auto empty = "\"\"";

/// What is known of a patient, in a few words.
std::string told(const SourceRecord& record) {
    std::string all;
    const auto add = [&all](const std::string& word) { all += all.empty() ? word : " " + word; };
    if (record.deceased) add("dead");
    if (record.deleted) add("deleted");
    if (record.active) add(*record.active ? "active" : "inactive");
    if (!record.identity_status.empty()) add("status=" + record.identity_status);
    if (!record.usual_last_name.empty()) add("usual=" + record.usual_last_name);
    if (!record.merged_into.empty()) add("into=" + record.merged_into);
    for (const auto field : {Field::gender, Field::phone, Field::email, Field::street, Field::city})
        if (record.patient[field].is_known())
            add(std::string(name(field)) + "=" + record.patient[field].text());
    return all;
}

class InboxFactsTest : public InboxRig {
  protected:
    void say(const std::string& id, const Pid& pid, const std::string& event = "A31") {
        say_only(id, anne(pid), event);
    }
    void say_only(const std::string& id, const Pid& pid, const std::string& event = "A31") {
        Adt adt;
        adt.event = event;
        adt.id = id;
        adt.pid = pid;
        adt.recorded = std::to_string(20261128080000 + ++minutes_);
        send(adt);
    }

    long minutes_ = 0;
};

TEST_F(InboxFactsTest, WhatWasSaidCanBeUnsaid) {
    const std::string home = "1 rue A^^Sète^^34200^FRA^H";
    const std::string mobile = "0612345678^PRN^CP";
    const std::string email = "^NET^Internet^a@example.org";
    const std::string usual = "MOREL^Anne^^^^^L~ROUSSEL^Anne^^^^^D";
    struct Case {
        const char* what;
        Pid set;
        Pid then;
        std::string right;
        const char* authority;
    };
    const std::vector<Case> cases{
        {"death, not spoken of", {{30, "Y"}}, {}, "dead gender=F", "an empty field says nothing"},
        {"death, N", {{30, "Y"}}, {{30, "N"}}, "gender=F", "PID-30"},
        {"death, emptied", {{30, "Y"}}, {{30, empty}}, "gender=F", "§2.10: null clears"},
        {"death, its date emptied", {{29, "20260101"}}, {{29, empty}}, "gender=F", "§2.10"},
        {"death, its date emptied and N",
         {{29, "20260101"}, {30, "Y"}},
         {{29, empty}, {30, "N"}},
         "gender=F",
         "§2.10"},
        {"death, its date emptied but Y",
         {{29, "20260101"}},
         {{29, empty}, {30, "Y"}},
         "dead gender=F",
         "better a person asked than a family written to"},
        {"death, an unknown word", {{30, "Y"}}, {{30, "?"}}, "dead gender=F", "it is no denial"},
        {"usual name, gone", {{5, usual}}, {{5, "MOREL^Anne^^^^^L"}}, "gender=F", "sent whole"},
        {"usual name, names not sent", {{5, usual}}, {{5, ""}}, "usual=ROUSSEL gender=F", "empty"},
        {"usual name, emptied",
         {{5, usual}},
         {{5, "MOREL^Anne^^^^^L~\"\"^Anne^^^^^D"}},
         "gender=F",
         "§2.10"},
        {"usual name, another",
         {{5, usual}},
         {{5, "MOREL^Anne^^^^^L~PETIT^Anne^^^^^D"}},
         "usual=PETIT gender=F",
         "sent whole"},
        {"status, not sent", {{32, "DOUT"}}, {}, "status=DOUT gender=F", "empty"},
        {"status, another", {{32, "DOUT~PROV"}}, {{32, "VALI"}}, "status=VALI gender=F", "whole"},
        {"status, emptied", {{32, "DOUT"}}, {{32, empty}}, "gender=F", "§2.10"},
        {"sex, emptied", {}, {{8, empty}}, "", "§2.10"},
        {"sex, unknown", {}, {{8, "U"}}, "gender=F", "table 0001: it says nothing"},
        {"phone, no more in the list",
         {{13, mobile + "~" + email}},
         {{13, email}},
         "gender=F email=a@example.org",
         "sent whole"},
        {"e-mail, no more in the list",
         {{13, mobile + "~" + email}},
         {{13, mobile}},
         "gender=F phone=0612345678",
         "sent whole"},
        {"contacts, not sent",
         {{13, mobile + "~" + email}},
         {},
         "gender=F phone=0612345678 email=a@example.org",
         "empty"},
        {"contacts, separators only",
         {{13, mobile + "~" + email}},
         {{13, "^PRN^PH~^NET^Internet"}},
         "gender=F phone=0612345678 email=a@example.org",
         "empty"},
        {"contacts, emptied", {{13, mobile + "~" + email}}, {{13, empty}}, "gender=F", "§2.10"},
        {"contacts, expired",
         {{13, mobile}},
         {{13, mobile + "^^^^^^^^^^^20260101"}},
         "gender=F",
         "XTN-14"},
        {"address, emptied", {{11, home}}, {{11, empty}}, "gender=F", "§2.10"},
        {"address, not sent",
         {{11, home}},
         {},
         "gender=F address.street=1 rue A address.city=Sète",
         "empty"},
        {"address, now a bad one",
         {{11, home}},
         {{11, "1 rue A^^Sète^^34200^FRA^BA"}},
         "gender=F",
         "table 0190"},
        {"address, only a birthplace",
         {{11, home}},
         {{11, "^^Metz^^57000^FRA^BDL"}},
         "gender=F",
         "sent whole"},
        {"address, another without street",
         {{11, home}},
         {{11, "^^Agde^^34300^FRA^H"}},
         "gender=F address.city=Agde",
         "an address is one value"},
    };
    int number = 8000;
    for (const auto& one : cases) {
        const auto id = std::to_string(++number);
        say(id, one.set);
        say(id, one.then);
        EXPECT_EQ(told(shown(id)), one.right) << one.what << ": " << one.authority;
    }
}

TEST_F(InboxFactsTest, ADeletedPatientWhoIsRegisteredAgainIsNotDeleted) {
    for (const auto* event : {"A28", "A31", "A04"}) {
        say("7001", {}, "A29");
        EXPECT_TRUE(shown().deleted);
        say("7001", {}, event);
        EXPECT_FALSE(shown().deleted) << event;
    }
}

TEST_F(InboxFactsTest, ARowSaysOfItsFactsThatThereAreNone) {
    SourceRecord row;
    row.patient.set_external_id("7001");
    for (const auto fact :
         {Fact::active, Fact::death, Fact::identity_status, Fact::usual_last_name, Fact::merge})
        row.said.add(fact);
    auto first = row;
    first.active = false;
    first.deceased = true;
    first.identity_status = "DOUT";
    first.usual_last_name = "ROUSSEL";
    first.merged_into = "7002";
    put_records({first});
    EXPECT_EQ(told(shown()), "dead inactive status=DOUT usual=ROUSSEL into=7002");
    put_records({row});
    EXPECT_EQ(told(shown()), "");
    put_records({first});
    auto silent = row;
    silent.said = {};
    put_records({silent});
    EXPECT_EQ(told(shown()), "dead inactive status=DOUT usual=ROUSSEL into=7002");
}

TEST_F(InboxFactsTest, WhatWasTakenBackIsNotFilledInByAnOlderMessage) {
    say("7001", {{30, "N"}, {32, empty}, {13, empty}});
    Adt older;
    older.recorded = "20261101080000";
    older.pid = anne({{30, "Y"},
                      {32, "DOUT"},
                      {13, "0612345678^PRN^CP"},
                      {5, "MOREL^Anne^^^^^L~ROUSSEL^Anne^^^^^D"}});
    send(older);
    EXPECT_EQ(told(shown()), "gender=F");
}

/// A fact and its way back.
struct TwoWays {
    int field;
    const char* set;
    const char* unset;
};

RC_GTEST_FIXTURE_PROP(InboxFactsTest, SetThenUnsetIsAsIfNeverSet, ()) {
    static const std::vector<TwoWays> facts{
        {30, "Y", "N"},
        {30, "Y", empty},
        {29, "20260101", empty},
        {32, "DOUT", empty},
        {32, "DOUT~FICT", empty},
        {5, "MOREL^Anne^^^^^L~ROUSSEL^Anne^^^^^D", "MOREL^Anne^^^^^L"},
        {13, "0612345678^PRN^CP", empty},
        {13, "^NET^Internet^a@example.org~0612345678^PRN^CP", empty},
        {11, "1 rue A^^Sète^^34200^FRA^H", empty},
    };
    const auto base = *rc::gen::container<std::vector<std::size_t>>(
        rc::gen::inRange<std::size_t>(0, facts.size()));
    const auto& fact = facts[*rc::gen::inRange<std::size_t>(0, facts.size())];
    const bool between = *rc::gen::arbitrary<bool>();
    static int number = 100'000;
    const auto plain = std::to_string(++number);
    const auto there_and_back = std::to_string(++number);
    for (const auto& id : {plain, there_and_back}) {
        say(id, {}, "A28");
        for (const auto i : base)
            if (facts[i].field != fact.field) say_only(id, {{facts[i].field, facts[i].set}});
    }
    say_only(there_and_back, {{fact.field, fact.set}});
    if (between) say_only(there_and_back, {});
    say_only(there_and_back, {{fact.field, fact.unset}});
    const bool deaths = fact.field == 29 || fact.field == 30;
    const auto records = all();
    auto right = told(records.at(plain));
    // Either of the two takes the death back.
    if (deaths && right.starts_with("dead ")) right.erase(0, 5);
    RC_ASSERT(told(records.at(there_and_back)) == right);
}

} // namespace
} // namespace medibridge::tests
