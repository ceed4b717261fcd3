#include "connectors/medicapp/behaviour.hpp"

#include <gtest/gtest.h>

namespace medibridge::test {
namespace {

using connectors::Behaviour;
using connectors::MedicappPage;
using connectors::MedicappPatient;
using reconcile::Instant;

Instant moment(int seconds) {
    return Instant(std::chrono::seconds(seconds));
}

/// Twelve patients; their id, creation and modification by these functions of their place.
template <class Id, class Created, class Modified>
std::vector<MedicappPatient> twelve(Id id, Created created, Modified modified) {
    std::vector<MedicappPatient> patients(12);
    for (int i = 0; i < 12; ++i) {
        auto& patient = patients[static_cast<std::size_t>(i)];
        patient.id = std::string(1, static_cast<char>('a' + id(i)));
        patient.created_at = moment(created(i));
        patient.modified_at = moment(modified(i));
    }
    return patients;
}

int up(int i) {
    return i;
}
int down(int i) {
    return 11 - i;
}
int mixed(int i) {
    return i * 5 % 12;
}
int same(int) {
    return 7;
}

TEST(ListOrderTest, IsWhatAllPatientsFollow) {
    EXPECT_EQ(connectors::list_order(twelve(mixed, up, mixed)), "created");
    EXPECT_EQ(connectors::list_order(twelve(mixed, same, up)), "modified");
    EXPECT_EQ(connectors::list_order(twelve(up, mixed, mixed)), "id");
    EXPECT_EQ(connectors::list_order(twelve(mixed, mixed, down)), "modified descending");
    EXPECT_EQ(connectors::list_order(twelve(up, up, mixed)), "created or id");
    EXPECT_EQ(connectors::list_order(twelve(mixed, mixed, mixed)), "another");
}

TEST(ListOrderTest, CannotBeToldOfPatientsOfOneTime) {
    EXPECT_EQ(connectors::list_order(twelve(mixed, same, same)), "");
    EXPECT_EQ(connectors::list_order(twelve(up, same, mixed)), "id");
}

TEST(ListOrderTest, CannotBeToldOfAFew) {
    auto patients = twelve(up, up, up);
    patients.resize(9);
    EXPECT_EQ(connectors::list_order(patients), "");
}

TEST(FilterBoundTest, IsInclusiveWhereThePatientOfThatMomentIsShown) {
    MedicappPage page;
    page.total_pages = 3;
    page.patients = twelve(up, up, up);
    EXPECT_EQ(connectors::filter_bound(page, moment(4), "e"), "inclusive");
    EXPECT_EQ(connectors::filter_bound(page, moment(5), "e"), "") << "changed meanwhile";
    EXPECT_EQ(connectors::filter_bound(page, moment(4), "z"), "") << "perhaps on the next page";
    page.total_pages = 1;
    EXPECT_EQ(connectors::filter_bound(page, moment(4), "z"), "exclusive");
}

TEST(BehaviourTest, DiffersInWhatBothHaveOnly) {
    const Behaviour before{{"list_order", "created"}, {"precision", "seconds"}, {"put_null", "x"}};
    EXPECT_EQ(connectors::differences(before, before), "");
    EXPECT_EQ(connectors::differences(before, {{"list_order", "modified"}, {"template", "y"}}),
              "list_order: created, now modified");
}

TEST(BehaviourTest, AgreesWhereOneOfWhatCannotBeToldApartIsTheSame) {
    const auto changed = [](const char* before, const char* now) {
        return !connectors::differences({{"list_order", before}}, {{"list_order", now}}).empty();
    };
    EXPECT_FALSE(changed("created or modified", "created"));
    EXPECT_FALSE(changed("created", "created or id"));
    EXPECT_FALSE(changed("created or modified", "modified or id"));
    EXPECT_TRUE(changed("created or modified", "id"));
    EXPECT_TRUE(changed("created", "created descending"));
}

} // namespace
} // namespace medibridge::test
