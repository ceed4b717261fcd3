#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// No timestamp decides alone: one absurd time harms nobody, its own patient included.

namespace medibridge::tests {
namespace {

using namespace std::chrono_literals;

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::Instant;
using sync::Outcome;
using testing::IsEmpty;

Instant of_year(int year) {
    return std::chrono::sys_days(std::chrono::year(year) / 6 / 1);
}

sync::Request at(Instant clock) {
    sync::Request request;
    request.wall_clock_ms = clock.time_since_epoch().count();
    return request;
}

/// Three patients; the machine's clock and both servers' agree.
class BelievedTime : public testing::Test {
  protected:
    BelievedTime() { world.fill_his(3); }

    sync::Report run() {
        world.let_settle();
        return world.run(at(world.his.now));
    }
    const std::string& phone(const std::string& id) {
        return text(*world.medicapp.find(id), Field::phone);
    }
    void set(const std::string& id, const std::string& phone, Instant stamp) {
        auto& record = world.his.at(id);
        record.patient[Field::phone] = FieldValue::known(phone);
        record.modified_at = stamp;
    }

    World world;
};

class AbsurdTime : public BelievedTime, public testing::WithParamInterface<Instant> {
  protected:
    /// What was changed with a time of long ago is hidden by the HIS's own filter: a full compare
    /// shows it.
    void run_as_seen() {
        world.let_settle();
        auto request = at(world.his.now);
        request.full = GetParam() < world.his.now;
        world.run(request);
    }
};

TEST_P(AbsurdTime, OfOnePatientHidesNobodysLaterChange) {
    run();
    set("P1", new_phone, GetParam());
    run_as_seen();
    EXPECT_EQ(phone("P1"), new_phone) << "taken in order of arrival";
    world.his.edit("P2", Field::phone, "+33612340078");
    run();
    EXPECT_EQ(phone("P2"), "+33612340078");
    set("P1", "+33612340079", GetParam());
    run_as_seen();
    EXPECT_EQ(phone("P1"), "+33612340079");
}

TEST_P(AbsurdTime, ThatIsCorrectedStopsNothing) {
    run();
    set("P1", new_phone, GetParam());
    run();
    world.his.edit("P1", Field::phone, "+33612340079"); // with today's time again
    EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_EQ(phone("P1"), "+33612340079");
    EXPECT_EQ(world.log.count("guard.rewound"), 0);
    sync::Request whole = at(world.his.now);
    whole.full = true;
    EXPECT_EQ(world.run(whole).outcome, Outcome::complete);
}

TEST_P(AbsurdTime, FromTheFirstLoadOnIsNoHindrance) {
    set("P1", new_phone, GetParam());
    run();
    EXPECT_EQ(phone("P1"), new_phone);
    world.his.edit("P3", Field::phone, "+33612340078");
    run();
    EXPECT_EQ(phone("P3"), "+33612340078");
}

TEST_P(AbsurdTime, CostsNoWriteWhenNothingChanges) {
    set("P1", new_phone, GetParam());
    run();
    run();
    world.medicapp.writes.clear();
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, AbsurdTime,
                         testing::Values(of_year(2062), of_year(9999), of_year(1), of_year(1753),
                                         of_year(1899), of_year(1970)));

TEST_F(BelievedTime, IsToldOnceWhereItIsNot) {
    run();
    set("P1", new_phone, of_year(2062));
    for (int i = 0; i < 3; ++i)
        run();
    EXPECT_EQ(world.log.count("record.implausible_time"), 1);
    world.restart();
    run();
    EXPECT_EQ(world.log.count("record.implausible_time"), 1) << "after a restart, too";
    set("P1", new_phone, of_year(2063));
    run();
    EXPECT_EQ(world.log.count("record.implausible_time"), 2);
    world.his.edit("P1", Field::phone, "+33612340079");
    run();
    EXPECT_EQ(world.log.count("record.implausible_time"), 2);
}

TEST_F(BelievedTime, IsThatOfAServerWhoseOwnClockIsAhead) {
    world.his.now = of_year(2062);
    run();
    world.his.edit("P1", Field::phone, new_phone);
    world.medicapp.now += 1h;
    world.run(at(world.medicapp.now)); // this machine's clock is Medicapp's
    EXPECT_EQ(phone("P1"), new_phone);
    EXPECT_EQ(world.log.count("record.implausible_time"), 0);
}

TEST_F(BelievedTime, LiesNoMoreThanADayAhead) {
    run();
    set("P1", new_phone, world.his.now + 23h);
    run();
    EXPECT_EQ(world.log.count("record.implausible_time"), 0);
    set("P2", new_phone, world.his.now + 26h);
    run();
    EXPECT_EQ(world.log.count("record.implausible_time"), 1);
}

TEST_F(BelievedTime, AFewHoursAheadHidesNobodysChangeUntilThen) {
    run();
    set("P1", new_phone, world.his.now + 20h);
    run();
    EXPECT_EQ(phone("P1"), new_phone);
    world.his.edit("P2", Field::phone, "+33612340078");
    run();
    EXPECT_EQ(phone("P2"), "+33612340078");
}

TEST_F(BelievedTime, OfMedicappsPatientsIsJudgedTheSameWay) {
    run();
    run();
    const auto id = world.medicapp.find("P1")->id;
    world.medicapp.patients.at(id).modified_at = of_year(2062);
    run();
    EXPECT_EQ(world.log.count("record.implausible_time"), 1);
    world.medicapp.edit(world.medicapp.find("P2")->id, Field::city, "Ailleurs");
    run();
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::city), "Nantes") << "drift is still seen";
    world.medicapp.edit(id, Field::city, "Ailleurs");
    EXPECT_EQ(run().outcome, Outcome::complete) << "and the time corrected: no rewind";
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::city), "Nantes");
}

TEST_F(BelievedTime, OfAFormerVersionDoesNotCloseASourceForEver) {
    set("P1", new_phone, of_year(2062));
    world.run(); // no clock is known, so everything is believed
    world.his.edit("P2", Field::phone, "+33612340078");
    set("P1", "+33612340079", world.his.now);
    run();
    EXPECT_EQ(phone("P2"), "+33612340078");
    EXPECT_EQ(phone("P1"), "+33612340079");
}

TEST_F(BelievedTime, ABirthDateInTheFutureIsNone) {
    world.his.at("P1").patient[Field::birth_date] = FieldValue::known("9999-12-31");
    world.his.at("P1").modified_at.reset();
    world.his.at("P2").patient[Field::birth_date] = FieldValue::known("2050-01-01");
    world.his.at("P2").modified_at = of_year(2062);
    const auto report = run();
    EXPECT_EQ(report.held, 2);
    EXPECT_EQ(report.created, 1);
}

} // namespace
} // namespace medibridge::tests
