#include "reconcile/identity_drift.hpp"
#include "sides.hpp"

#include <gtest/gtest.h>

// What may become of a linked patient's identity. RNIV: strict traits are last name, first name,
// birth date and gender; a record describes the same person as long as no two of them change.

namespace medibridge::reconcile {
namespace {

struct Person {
    const char* last_name;
    const char* first_name;
    const char* birth_date;
    const char* gender; ///< empty: not known
    const char* other_last_name = "";
};

/// Of a field that an answer leaves out.
constexpr const char* left_out = "?";

constexpr Person lea = {"MOREAU", "Léa", "2010-03-05", "F"};

Patient patient_of(const Person& person) {
    Patient patient("7001");
    const auto put = [&](Field field, const char* text) {
        if (std::string_view(text) != left_out)
            patient[field] = *text ? FieldValue::known(text) : FieldValue::cleared();
    };
    put(Field::last_name, person.last_name);
    put(Field::first_name, person.first_name);
    put(Field::birth_date, person.birth_date);
    put(Field::gender, person.gender);
    return patient;
}

Instant day(int number) {
    return Instant(std::chrono::days(20'000 + number));
}

FieldDigest other_last_name_of(const Person& person) {
    Patient patient("7001");
    if (*person.other_last_name)
        patient[Field::last_name] = FieldValue::known(person.other_last_name);
    return view(patient).fields[static_cast<std::size_t>(Field::last_name)];
}

/// A linked patient whose HIS record changes poll by poll.
class Linked {
  public:
    explicit Linked(const Person& person) : agreed_(patient_of(person)), medicapp_(agreed_) {}

    /// What Medicapp shows from now on, whoever changed it there.
    void is_shown_as(const Person& person) { medicapp_ = patient_of(person); }

    /// What becomes of a record; a change that is no divergence is written.
    std::string poll(const Person& person, int on_day = 0) {
        return poll_at(person, Clocks{day(on_day), day(on_day)});
    }
    std::string poll_at(const Person& person, const Clocks& clocks) {
        const auto his = patient_of(person);
        const Baselines agreed{view(agreed_), view(agreed_)};
        auto medicapp = view(medicapp_);
        const auto shown = medicapp.fields;
        bool moved = false;
        for (const Field field : all_fields()) {
            auto& digest = medicapp.fields[static_cast<std::size_t>(field)];
            const auto& before = agreed.medicapp.fields[static_cast<std::size_t>(field)];
            if (digest == FieldDigest{}) digest = before;
            moved = moved || digest != before;
        }
        const auto plan =
            plan_update(&agreed, view(his), FieldSet(), medicapp, with_authority(Authority::his));
        if (!plan.writes() && !moved) return "nothing";
        const IdentityPolicy policy;
        const IdentityTraits ours(his, person.other_last_name, policy);
        const IdentityTraits theirs(medicapp_, {}, policy);
        const auto verdict = judge_identity({drift_, plan.write, view(his),
                                             other_last_name_of(person), agreed.medicapp.fields,
                                             medicapp, shown, ours, theirs, clocks, held_, moved});
        held_ = verdict.divergence;
        if (held_) return "held " + names(verdict.traits);
        drift_ = verdict.after;
        for (const Field field : all_fields()) {
            if (plan.write.has(field)) medicapp_[field] = his[field];
        }
        agreed_ = medicapp_;
        return "written " + names(plan.write);
    }

    const IdentityDrift& drift() const { return drift_; }

  private:
    Patient agreed_;
    Patient medicapp_;
    IdentityDrift drift_;
    bool held_ = false;
};

struct DriftRow {
    const char* what;
    Person linked;
    Person now;
    const char* outcome;
};

std::ostream& operator<<(std::ostream& out, const DriftRow& row) {
    return out << row.what;
}

class OnePollTest : public testing::TestWithParam<DriftRow> {};

TEST_P(OnePollTest, EndsAsTheRuleSays) {
    const auto& row = GetParam();
    EXPECT_EQ(Linked(row.linked).poll(row.now), row.outcome);
}

INSTANTIATE_TEST_SUITE_P(
    Rule, OnePollTest,
    testing::Values(
        DriftRow{"the twin brother: RNIV, two strict traits",
                 lea,
                 {"MOREAU", "Léo", "2010-03-05", "M"},
                 "held firstName,gender"},
        DriftRow{"the sister: first name and birth date",
                 lea,
                 {"MOREAU", "Lou", "2012-08-09", "F"},
                 "held firstName,birthDate"},
        DriftRow{"the neighbour in the list",
                 lea,
                 {"GARNIER", "Inès", "2010-03-05", "F"},
                 "held lastName,firstName"},
        DriftRow{"father and son share name and gender, not date: one trait",
                 lea,
                 {"MOREAU", "Léa", "1980-03-05", "F"},
                 "written birthDate"},
        DriftRow{"last name and gender",
                 lea,
                 {"GARNIER", "Léa", "2010-03-05", "M"},
                 "held lastName,gender"},
        DriftRow{"everything",
                 lea,
                 {"GARNIER", "Luc", "1955-05-05", "M"},
                 "held lastName,firstName,birthDate,gender"},
        DriftRow{"a first name alone, nothing in common",
                 lea,
                 {"MOREAU", "Inès", "2010-03-05", "F"},
                 "held firstName"},
        DriftRow{"a twin sister with another start",
                 {"MOREAU", "Clara", "2010-03-05", "F"},
                 {"MOREAU", "Sophie", "2010-03-05", "F"},
                 "held firstName"},
        DriftRow{"a slip of the keyboard",
                 {"MOREAU", "Matilde", "2010-03-05", "F"},
                 {"MOREAU", "Mathilde", "2010-03-05", "F"},
                 "written firstName"},
        DriftRow{"two letters",
                 {"MOREAU", "Katia", "2010-03-05", "F"},
                 {"MOREAU", "Cathia", "2010-03-05", "F"},
                 "written firstName"},
        DriftRow{"an accent", lea, {"MOREAU", "Lea", "2010-03-05", "F"}, "written firstName"},
        DriftRow{"upper case, and a corrected date: still one trait",
                 lea,
                 {"Moreau", "LEA", "2010-03-06", "F"},
                 "written lastName,firstName,birthDate"},
        DriftRow{"a second first name",
                 {"MOREAU", "Marie", "2010-03-05", "F"},
                 {"MOREAU", "Marie Claire", "2010-03-05", "F"},
                 "written firstName"},
        DriftRow{"a second first name, and a corrected date",
                 {"MOREAU", "Marie", "2010-03-05", "F"},
                 {"MOREAU", "Marie-Claire", "2010-03-07", "F"},
                 "written firstName,birthDate"},
        DriftRow{"a short form keeps the start",
                 {"MOREAU", "Alex", "2010-03-05", "M"},
                 {"MOREAU", "Alexandre", "2010-03-05", "M"},
                 "written firstName"},
        DriftRow{"the other of two first names",
                 {"MOREAU", "Jean Pierre", "2010-03-05", "M"},
                 {"MOREAU", "Pierre", "2010-03-05", "M"},
                 "written firstName"},
        DriftRow{"a married name beside the other",
                 lea,
                 {"MOREAU-ROUSSEL", "Léa", "2010-03-05", "F"},
                 "written lastName"},
        DriftRow{"a gender that was not known, and a corrected date",
                 {"MOREAU", "Léa", "2010-03-05", ""},
                 {"MOREAU", "Léa", "2010-03-06", "F"},
                 "written birthDate,gender"},
        DriftRow{"a gender that was given as O, and a corrected date",
                 {"MOREAU", "Léa", "2010-03-05", "O"},
                 {"MOREAU", "Léa", "2010-03-06", "F"},
                 "written birthDate,gender"},
        DriftRow{"real names for placeholders",
                 {"INCONNU", "X", "2010-03-05", "F"},
                 {"MOREAU", "Léa", "2010-03-05", "F"},
                 "written lastName,firstName"},
        DriftRow{"a newborn is named, and its date corrected",
                 {"MOREAU", "NOUVEAU-NE", "2010-03-05", "F"},
                 {"MOREAU", "Léa", "2010-03-04", "F"},
                 "written firstName,birthDate"},
        DriftRow{"real names for placeholders, but another date and gender",
                 {"INCONNU", "X", "2010-03-05", "F"},
                 {"MOREAU", "Luc", "1955-05-05", "M"},
                 "held birthDate,gender"}));

struct Story {
    const char* what;
    std::vector<std::pair<Person, const char*>> polls;
};

std::ostream& operator<<(std::ostream& out, const Story& story) {
    return out << story.what;
}

class SeveralPollsTest : public testing::TestWithParam<Story> {};

TEST_P(SeveralPollsTest, AreCountedTogether) {
    Linked patient(lea);
    for (const auto& [person, outcome] : GetParam().polls)
        EXPECT_EQ(patient.poll(person), outcome);
}

INSTANTIATE_TEST_SUITE_P(
    Rule, SeveralPollsTest,
    testing::Values(Story{"the twin, in two polls",
                          {{{"MOREAU", "Léo", "2010-03-05", "F"}, "written firstName"},
                           {{"MOREAU", "Léo", "2010-03-05", "M"}, "held firstName,gender"}}},
                    Story{"three traits, one each time",
                          {{{"GARNIER", "Léa", "2010-03-05", "F"}, "written lastName"},
                           {{"GARNIER", "Léa", "2010-03-06", "F"}, "held lastName,birthDate"},
                           {{"GARNIER", "Léa", "2010-03-05", "M"}, "held lastName,gender"}}},
                    Story{"one trait put right again, while another is corrected",
                          {{{"GARNIER", "Léa", "2010-03-05", "F"}, "written lastName"},
                           {{"MOREAU", "Léa", "2010-03-06", "F"}, "written lastName,birthDate"},
                           {{"GARNIER", "Léa", "2010-03-06", "F"}, "held lastName,birthDate"}}},
                    Story{"a correction that is taken back leaves the identity as it was",
                          {{{"GARNIER", "Léa", "2010-03-05", "F"}, "written lastName"},
                           {{"MOREAU", "Léa", "2010-03-05", "F"}, "written lastName"},
                           {{"MOREAU", "Léa", "2010-03-06", "F"}, "written birthDate"}}},
                    Story{"a first name that walks away letter by letter",
                          {{{"MOREAU", "Léo", "2010-03-05", "F"}, "written firstName"},
                           {{"MOREAU", "Luc", "2010-03-05", "F"}, "held firstName"}}},
                    Story{"a second first name is no replaced trait later either",
                          {{{"MOREAU", "Léa Marie", "2010-03-05", "F"}, "written firstName"},
                           {{"MOREAU", "Léa Marie", "2010-03-06", "F"}, "written birthDate"},
                           {{"MOREAU", "Léa-Marie", "2010-03-06", "F"}, "written firstName"}}},
                    Story{"a compound name whose first half goes is another name",
                          {{{"MOREAU GARNIER", "Léa", "2010-03-05", "F"}, "written lastName"},
                           {{"GARNIER", "Léa", "2010-03-05", "F"}, "written lastName"},
                           {{"GARNIER", "Léa", "2010-03-06", "F"}, "held lastName,birthDate"}}},
                    Story{"the same trait twice is one trait",
                          {{{"MOREAU", "Léa", "2010-03-06", "F"}, "written birthDate"},
                           {{"MOREAU", "Léa", "2010-03-07", "F"}, "written birthDate"},
                           {{"MOREAU", "Léa", "2010-03-07", "F"}, "nothing"}}},
                    Story{"the twin, by way of a gender that is not known",
                          {{{"MOREAU", "Léa", "2010-03-05", "O"}, "written gender"},
                           {{"MOREAU", "Léo", "2010-03-05", "M"}, "held firstName,gender"},
                           {{"MOREAU", "Léa", "2010-03-06", "F"}, "written birthDate,gender"}}},
                    Story{"another last name, beside the confirmed one",
                          {{{"GARNIER", "Léa", "2010-03-05", "F", "MOREAU"}, "written lastName"},
                           {{"GARNIER", "Léa", "2010-03-06", "F", "MOREAU"}, "written birthDate"},
                           {{"GARNIER", "Léa", "2010-03-07", "F"}, "held lastName,birthDate"}}},
                    Story{"last names, each beside the one before",
                          {{{"GARNIER", "Léa", "2010-03-05", "F", "MOREAU"}, "written lastName"},
                           {{"PETIT", "Léa", "2010-03-05", "F", "GARNIER"}, "written lastName"},
                           {{"PETIT", "Léa", "1999-09-09", "F"}, "held lastName,birthDate"}}},
                    Story{"a compound name beside one half, then the other half alone",
                          {{{"MOREAU GARNIER", "Léa", "2010-03-05", "F", "MOREAU"},
                            "written lastName"},
                           {{"GARNIER", "Léa", "2010-03-05", "F"}, "written lastName"},
                           {{"GARNIER", "Léa", "2010-03-06", "F"}, "held lastName,birthDate"}}},
                    Story{"while it is held, every poll says the same",
                          {{{"GARNIER", "Inès", "2010-03-05", "F"}, "held lastName,firstName"},
                           {{"GARNIER", "Inès", "2010-03-05", "F"}, "held lastName,firstName"},
                           {{"MOREAU", "Léa", "2010-03-05", "F"}, "nothing"}}}));

struct Emptied {
    const char* what;
    Person shown; ///< by Medicapp, after a user's change there or by a fault
    Person now;
    const char* outcome;
};

std::ostream& operator<<(std::ostream& out, const Emptied& row) {
    return out << row.what;
}

/// What Medicapp does not show was confirmed all the same.
class EmptiedInMedicapp : public testing::TestWithParam<Emptied> {};

TEST_P(EmptiedInMedicapp, IsComparedWithWhatWasConfirmed) {
    const auto& row = GetParam();
    for (const bool polled_between : {false, true}) {
        Linked patient(lea);
        patient.is_shown_as(row.shown);
        // A record that says nothing of it takes Medicapp's word.
        if (polled_between) patient.poll({left_out, left_out, left_out, left_out});
        EXPECT_EQ(patient.poll(row.now), row.outcome) << "polled between: " << polled_between;
    }
}

INSTANTIATE_TEST_SUITE_P(Rule, EmptiedInMedicapp,
                         testing::Values(Emptied{"the gender, and the twin comes",
                                                 {"MOREAU", "Léa", "2010-03-05", ""},
                                                 {"MOREAU", "Léo", "2010-03-05", "M"},
                                                 "held firstName,gender"},
                                         Emptied{"the gender, which comes back",
                                                 {"MOREAU", "Léa", "2010-03-05", "O"},
                                                 {"MOREAU", "Léa", "2010-03-06", "F"},
                                                 "written birthDate,gender"},
                                         Emptied{"everything, and the same comes back",
                                                 {"ANONYME", "ANONYME", "", ""},
                                                 lea,
                                                 "written lastName,firstName,birthDate,gender"},
                                         Emptied{"everything, and somebody else comes",
                                                 {"ANONYME", "ANONYME", "", ""},
                                                 {"ZOLA", "Émile", "1940-04-02", "M"},
                                                 "held lastName,firstName,birthDate,gender"},
                                         Emptied{"the first name, and another comes",
                                                 {"MOREAU", "X", "2010-03-05", "F"},
                                                 {"MOREAU", "Zoé", "2010-03-05", "F"},
                                                 "held firstName"},
                                         Emptied{
                                             "the last name, and the record vouches for another",
                                             {"INCONNU", "Léa", "2010-03-05", "F"},
                                             {"GARNIER", "Léa", "2010-03-06", "F", "MOREAU"},
                                             "written lastName,birthDate"}));

TEST(EmptiedInMedicappTest, IsWhatAnAnswerLeavesOut) {
    Linked patient(lea);
    patient.is_shown_as({left_out, left_out, left_out, left_out});
    EXPECT_EQ(patient.poll({"ZOLA", "Émile", "1940-04-02", "M"}),
              "held lastName,firstName,birthDate,gender");
    EXPECT_EQ(patient.poll({"MOREAU", "Léa", "2010-03-06", "F"}), "written birthDate");
}

TEST(ConfirmationTest, AnIdentityThatStoodNinetyDaysIsConfirmed) {
    const Person corrected = {"MOREAU", "Léa", "2010-03-06", "F"};
    const Person renamed = {"GARNIER", "Léa", "2010-03-06", "F"};
    Linked early(lea);
    early.poll(corrected, 0);
    EXPECT_EQ(early.poll(renamed, 89), "held lastName,birthDate");
    Linked late(lea);
    late.poll(corrected, 0);
    EXPECT_EQ(late.poll(renamed, 90), "written lastName");
    EXPECT_EQ(late.poll({"GARNIER", "Léa", "2010-03-06", "M"}, 91), "held lastName,gender");
}

TEST(ConfirmationTest, WhatIsHeldIsNotConfirmedByWaiting) {
    Linked patient(lea);
    patient.poll({"MOREAU", "Léo", "2010-03-05", "F"}, 0);
    const Person brother = {"MOREAU", "Léo", "2010-03-05", "M"};
    EXPECT_EQ(patient.poll(brother, 1), "held firstName,gender");
    EXPECT_EQ(patient.poll(brother, 500), "held firstName,gender");
}

TEST(ConfirmationTest, AClockThatIsBehindConfirmsNothing) {
    Linked patient(lea);
    patient.poll({"MOREAU", "Léa", "2010-03-06", "F"}, 0);
    EXPECT_EQ(patient.poll({"GARNIER", "Léa", "2010-03-06", "F"}, -20'000),
              "held lastName,birthDate");
}

TEST(ConfirmationTest, OneClockThatIsSetForwardConfirmsNothing) {
    const Person renamed = {"GARNIER", "Léa", "2010-03-06", "F"};
    for (const Clocks& clocks : {Clocks{day(0), day(500)}, Clocks{day(500), day(0)},
                                 Clocks{day(500), {}}, Clocks{{}, day(500)}}) {
        Linked patient(lea);
        patient.poll({"MOREAU", "Léa", "2010-03-06", "F"}, 0);
        EXPECT_EQ(patient.poll_at(renamed, clocks), "held lastName,birthDate");
    }
    Linked patient(lea);
    patient.poll_at({"MOREAU", "Léa", "2010-03-06", "F"}, Clocks{day(0), {}});
    EXPECT_EQ(patient.poll_at(renamed, Clocks{day(90), day(7)}), "written lastName")
        << "the only clock that was known then";
}

TEST(ConfirmationTest, NothingIsRememberedOfAnIdentityAsConfirmed) {
    Linked patient(lea);
    patient.poll({"MOREAU", "LÉA", "2010-03-05", "F"});
    EXPECT_TRUE(patient.drift().empty());
    patient.poll({"MOREAU", "Léo", "2010-03-05", "F"});
    EXPECT_FALSE(patient.drift().empty());
    patient.poll({"MOREAU", "LÉA", "2010-03-05", "F"});
    EXPECT_EQ(patient.drift(), IdentityDrift());
}

} // namespace
} // namespace medibridge::reconcile
