#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A fault is judged at the smallest thing that it may belong to: one patient whose requests alone
// fail is held in the end, and everybody else goes on.

namespace medibridge::tests {
namespace {

using connectors::Failure;
using reconcile::Field;
using reconcile::HoldReason;
using sync::Outcome;
using testing::IsEmpty;
using testing::SizeIs;
using Call = ModelMedicapp::Call;

struct Answer {
    Failure failure;
    int status;
};

std::ostream& operator<<(std::ostream& out, const Answer& answer) {
    return out << answer.status;
}

/// Medicapp answers each request about P1 in one way, as soon as it can be told that it is P1's.
class RefusedPatient : public testing::TestWithParam<Answer> {
  protected:
    RefusedPatient() { world.fill_his(4); }

    void refuse(const std::string& external_id, std::set<Call> calls) {
        world.medicapp.fault_of =
            [external_id, calls](Call call,
                                 const std::string& id) -> std::optional<ModelMedicapp::Fault> {
            if (id != external_id || !calls.contains(call)) return std::nullopt;
            auto error = failure(GetParam().failure, GetParam().status);
            error.request_id = "req-1";
            return ModelMedicapp::Fault{error};
        };
    }
    /// Both sides know P1, whose new phone Medicapp refuses three times while it takes P2's.
    void hold_p1_for_its_update() {
        world.run();
        refuse("P1", {Call::update});
        world.his.edit("P1", Field::phone, new_phone);
        world.his.edit("P2", Field::phone, new_phone);
        for (int i = 0; i < 3; ++i)
            world.run();
        ASSERT_THAT(world.held(), SizeIs(1));
    }
    HoldReason reason() { return world.held().front().reason; }

    World world;
};

TEST_P(RefusedPatient, IsHeldAfterThreeCyclesWhileTheOthersAreCreated) {
    refuse("P1", {Call::create});
    EXPECT_EQ(world.run().outcome, Outcome::incomplete);
    EXPECT_EQ(world.medicapp.patients.size(), 3u);
    EXPECT_EQ(world.run().outcome, Outcome::incomplete);
    EXPECT_THAT(world.held(), IsEmpty());
    world.restart();
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(reason(), HoldReason::refused_by_server);
    EXPECT_EQ(world.held().front().request_id, "req-1");
    EXPECT_EQ(world.held().front().detail, "HTTP " + std::to_string(GetParam().status));
    EXPECT_EQ(world.state().counts().intents, 0);
}

/// Statuses that say nothing of a patient where they come once: 503, a page of HTML with 200.
TEST(SenselessAnswer, ToOnePatientsCreateOnlyIsHeldAfterThreeCycles) {
    for (const int status : {503, 200}) {
        World world;
        world.fill_his(3);
        world.medicapp.fault_of =
            [status](Call call, const std::string& id) -> std::optional<ModelMedicapp::Fault> {
            if (id != "P1" || call != Call::create) return std::nullopt;
            auto error = failure(Failure::unknown, status);
            error.what = "POST /patients: shows another patient";
            return ModelMedicapp::Fault{error};
        };
        for (int i = 0; i < 3; ++i) {
            EXPECT_THAT(world.held(), IsEmpty()) << status;
            world.run();
        }
        ASSERT_THAT(world.held(), SizeIs(1)) << status;
        EXPECT_EQ(world.held().front().reason, HoldReason::refused_by_server) << status;
        EXPECT_EQ(world.held().front().detail,
                  status == 200 ? "POST /patients: shows another patient" : "HTTP 503");
        EXPECT_EQ(world.medicapp.patients.size(), 2u) << status;
    }
}

/// The HIS lists those first whom Medicapp refuses, and they are more than end a cycle in which
/// nobody is served.
TEST(ManyRefusedPatients, AreTriedAfterTheOthersAndHeldInTheEnd) {
    constexpr int refused = 25;
    constexpr int others = 8;
    for (const bool restarts : {false, true}) {
        World world;
        world.fill_his(refused + others);
        const auto number = [](const std::string& id) { return std::stoi(id.substr(1)); };
        world.medicapp.fault_of =
            [&](Call call, const std::string& id) -> std::optional<ModelMedicapp::Fault> {
            if (call != Call::create || number(id) > refused) return std::nullopt;
            return ModelMedicapp::Fault{failure(Failure::refused, 403)};
        };
        const auto first = world.run();
        EXPECT_EQ(first.outcome, Outcome::incomplete);
        EXPECT_THAT(first.reason, testing::HasSubstr("refuses every patient"));
        EXPECT_THAT(world.medicapp.patients, IsEmpty());
        EXPECT_EQ(world.log.count("patient.refused"), 0) << "it need not be their fault";
        if (restarts) world.restart();
        world.run();
        EXPECT_THAT(world.medicapp.patients, SizeIs(others)) << restarts;
        for (int i = 0; i < 3; ++i)
            world.run();
        EXPECT_THAT(world.held(), SizeIs(refused));
        EXPECT_EQ(world.run().outcome, Outcome::complete);
        EXPECT_EQ(world.log.count("patient.refused"), refused);
    }
}

/// The list moves while it is read for the second time, so that they come on two pages of it.
TEST(RefusedBefore, IsSentOnceThoughThePassShowsThemTwice) {
    World world;
    world.his.lists_by_id = true;
    world.fill_his(static_cast<int>(sync::limits::surveyed_records) + 300);
    world.run();
    world.his.records.insert(world.his.records.begin(), record("new"));
    world.his.edit("new", Field::phone, new_phone);
    world.medicapp.fault_of = [](Call call,
                                 const std::string& id) -> std::optional<ModelMedicapp::Fault> {
        if (call != Call::create || id != "new") return std::nullopt;
        return ModelMedicapp::Fault{failure(Failure::refused, 403)};
    };
    EXPECT_EQ(world.run().deferred, 1);
    world.medicapp.fault_of = nullptr;
    const auto sent = world.medicapp.count(Call::create);
    int readings = 0;
    world.his.after_page = [&](int page) {
        if (page == 1 && ++readings == 2) world.his.records.push_back(world.his.at("new"));
    };
    world.run_whole();
    ASSERT_GE(readings, 2) << "the list did not move";
    EXPECT_EQ(world.medicapp.count(Call::create) - sent, 1);
    EXPECT_NE(world.medicapp.find("new"), nullptr);
}

/// The same for an update, after which the patient can be read each time; 0: the connection closes.
TEST(SenselessAnswer, ToOnePatientsUpdateOnlyIsHeldAfterThreeCycles) {
    for (const int status : {503, 200, 0}) {
        World world;
        world.fill_his(3);
        world.run();
        world.medicapp.fault_of =
            [status](Call call, const std::string& id) -> std::optional<ModelMedicapp::Fault> {
            if (id != "P1" || call != Call::update) return std::nullopt;
            return ModelMedicapp::Fault{failure(Failure::unknown, status)};
        };
        world.his.edit("P1", Field::phone, new_phone);
        world.his.edit("P2", Field::phone, new_phone);
        for (int i = 0; i < 3; ++i) {
            EXPECT_THAT(world.held(), IsEmpty()) << status;
            world.run();
        }
        ASSERT_THAT(world.held(), SizeIs(1)) << status;
        EXPECT_EQ(world.held().front().reason, HoldReason::refused_by_server) << status;
        EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
    }
}

/// 404 and 410 are about nobody where a patient is to be created.
TEST(NotFound, ToOnePatientsCreateIsHeldAndToEverybodysIsTold) {
    for (const bool everybody : {false, true}) {
        World world;
        world.fill_his(3);
        world.medicapp.fault_of =
            [everybody](Call call, const std::string& id) -> std::optional<ModelMedicapp::Fault> {
            if ((id != "P1" && !everybody) || call != Call::create) return std::nullopt;
            return ModelMedicapp::Fault{failure(Failure::not_found, 410)};
        };
        for (int i = 0; i < 3; ++i) {
            EXPECT_THAT(world.held(), IsEmpty());
            EXPECT_EQ(world.run().outcome,
                      i < 2 || everybody ? Outcome::incomplete : Outcome::complete);
        }
        EXPECT_THAT(world.held(), SizeIs(everybody ? 0 : 1));
        EXPECT_EQ(world.medicapp.patients.size(), everybody ? 0u : 2u);
    }
}

TEST_P(RefusedPatient, WhoIsHeldCostsNothingUntilAFullCompareTriesAgain) {
    refuse("P1", {Call::create});
    for (int i = 0; i < 4; ++i)
        world.run();
    world.let_settle();
    world.run();
    const auto calls = world.medicapp.count(Call::create);
    const auto whole = world.his.whole_readings;
    world.run();
    EXPECT_EQ(world.medicapp.count(Call::create), calls);
    EXPECT_EQ(world.his.whole_readings, whole);
    sync::Request full;
    full.full = true;
    EXPECT_EQ(world.run(full).outcome, Outcome::complete) << "still refused, still held";
    EXPECT_GT(world.medicapp.count(Call::create), calls);
    EXPECT_EQ(world.log.count("patient.held"), 1);
    world.medicapp.fault_of = {};
    world.run(full);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_THAT(world.medicapp.duplicates(), IsEmpty());
}

TEST_P(RefusedPatient, WhoseUpdateIsRefusedIsHeldToo) {
    hold_p1_for_its_update();
    EXPECT_EQ(reason(), HoldReason::refused_by_server);
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
    world.medicapp.fault_of = {};
    world.his.edit("P1", Field::email, "again@example.org");
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
}

TEST_P(RefusedPatient, WhomAnOperatorLeftIsNotTriedByAFullCompare) {
    hold_p1_for_its_update();
    world.look_and_decide("P1", sync::DecisionKind::ignore);
    world.medicapp.fault_of = {};
    world.medicapp.writes.clear();
    for (int i = 0; i < 2; ++i)
        world.run_whole();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_TRUE(world.held().front().acknowledged);
    world.his.edit("P1", Field::email, "again@example.org");
    world.run();
    EXPECT_THAT(world.held(), IsEmpty()) << "the record has changed";
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
}

/// What Medicapp's users changed while the HIS's own change could not be written is judged with it:
/// the newer one counts, and is not lost to the older one that is tried again.
TEST_P(RefusedPatient, WhomAUserChangedMeanwhileKeepsTheNewerOfBothChanges) {
    world.settings.policy.authority.fill(reconcile::Authority::newest);
    hold_p1_for_its_update();
    world.let_settle();
    world.run();
    world.let_settle();
    constexpr auto newest_phone = "+33612340088";
    world.medicapp.now = world.his.now + std::chrono::seconds(5);
    world.medicapp.edit(world.medicapp.find("P1")->id, Field::phone, newest_phone);
    world.his.edit("P2", Field::email, "further@example.org"); // the HIS shows nothing older
    world.run();
    world.let_settle();
    world.run();
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty()) << "nothing is to be written";
    world.medicapp.fault_of = {};
    world.run_whole();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), newest_phone);
}

/// Also where the next cycle decides, as Medicapp refuses the patient for the first time.
TEST_P(RefusedPatient, WhomTheNextCycleDecidesAboutKeepsTheNewerOfBothChanges) {
    world.settings.policy.authority.fill(reconcile::Authority::newest);
    world.run();
    int reads = 0;
    world.medicapp.fault_of = [&](Call call,
                                  const std::string& id) -> std::optional<ModelMedicapp::Fault> {
        const bool is_look = id == "P1" && call == Call::get && ++reads > 1;
        if (!is_look) return std::nullopt; // the first read is that of the change
        return ModelMedicapp::Fault{failure(GetParam().failure, GetParam().status)};
    };
    world.his.edit("P1", Field::phone, new_phone);
    world.his.edit("P1", Field::last_name, "Autrement"); // takes a look at Medicapp's patient
    constexpr auto newest_phone = "+33612340088";
    world.medicapp.now = world.his.now + std::chrono::seconds(5);
    world.medicapp.edit(world.medicapp.find("P1")->id, Field::phone, newest_phone);
    EXPECT_EQ(world.run().outcome, Outcome::incomplete);
    world.medicapp.fault_of = {};
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), newest_phone);
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::last_name), "Autrement");
}

TEST_P(RefusedPatient, WhoCannotBeReadStopsNobody) {
    world.run();
    refuse("P1", {Call::get});
    world.his.edit("P1", Field::last_name, "Autrement"); // takes a look at Medicapp's patient
    world.his.edit("P2", Field::phone, new_phone);
    for (int i = 0; i < 3; ++i)
        world.run();
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(reason(), HoldReason::refused_by_server);
}

TEST_P(RefusedPatient, WhoRecoversBeforeTheThirdCycleIsForgotten) {
    refuse("P1", {Call::create});
    world.run();
    world.run();
    world.medicapp.fault_of = {};
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_FALSE(world.state().look_up({"P1"}).front().refusal);
}

TEST_P(RefusedPatient, CanBeFoundFromTheFirstCycleAlsoWhereNobodyElseIsWritten) {
    world.run();
    refuse("P1", {Call::update});
    world.his.edit("P1", Field::phone, new_phone);
    for (int i = 0; i < 5; ++i)
        EXPECT_THAT(world.run().reason, testing::AllOf(testing::HasSubstr("refuses a patient"),
                                                       testing::HasSubstr("medibridgectl audit")));
    EXPECT_THAT(world.held(), IsEmpty()) << "nothing shows that it is this patient's fault";
    EXPECT_EQ(world.log.count("patient.refused"), 1) << "once, not in each cycle";
    state::AuditQuery query;
    query.external_id = "P1";
    const auto lines = world.state().audit(query);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.front().action, "refused");
    EXPECT_EQ(lines.front().detail, "HTTP " + std::to_string(GetParam().status));
    EXPECT_EQ(lines.front().request_id, "req-1");
    EXPECT_EQ(world.state().look_up({"P1"}).front().refusal->cycles, 5);
    world.medicapp.fault_of = {};
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    refuse("P1", {Call::update});
    world.his.edit("P1", Field::phone, "+33699999999");
    world.run();
    EXPECT_EQ(world.log.count("patient.refused"), 2) << "again, where it went well meanwhile";
}

INSTANTIATE_TEST_SUITE_P(Each, RefusedPatient,
                         testing::Values(Answer{Failure::refused, 403},
                                         Answer{Failure::refused, 401},
                                         Answer{Failure::refused, 413},
                                         Answer{Failure::unknown, 500},
                                         Answer{Failure::unknown, 502}));

TEST(RefusedByAll, IsNoFaultOfThePatients) {
    World world;
    world.fill_his(60);
    world.medicapp.fault = [](Call call, int) -> std::optional<ModelMedicapp::Fault> {
        if (call != Call::create) return std::nullopt;
        return ModelMedicapp::Fault{failure(Failure::refused, 403)};
    };
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(world.run().outcome, Outcome::incomplete);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_LE(world.medicapp.count(Call::create), 5 * 40) << "it stops trying early";
    world.medicapp.fault = {};
    EXPECT_EQ(world.run().created, 60);
}

TEST(RefusedWhileIdle, IsNotHeldBeforeAnotherPatientWasServed) {
    World world;
    world.fill_his(1);
    world.medicapp.fault = [](Call call, int) -> std::optional<ModelMedicapp::Fault> {
        if (call != Call::create) return std::nullopt;
        return ModelMedicapp::Fault{failure(Failure::refused, 403)};
    };
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(world.run().outcome, Outcome::incomplete);
    EXPECT_THAT(world.held(), IsEmpty());
}

} // namespace
} // namespace medibridge::tests
