#include "world.hpp"

#include "state/sqlite_store.hpp"
#include "virtual_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <system_error>

// Sources are read side by side: one that is slow or down delays nobody.

namespace medibridge::tests {
namespace {

namespace asio = boost::asio;
using connectors::SourceError;
using reconcile::Field;
using reconcile::FieldValue;
using std::chrono::seconds;
using sync::Outcome;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::array<std::uint8_t, 32> key{3};

/// Tests run in processes beside each other.
std::filesystem::path own_directory() {
    auto place = (std::filesystem::temp_directory_path() / "medibridge-XXXXXX").string();
    if (::mkdtemp(place.data()) == nullptr)
        throw std::system_error(errno, std::generic_category(), place);
    return place;
}

/// A HIS that takes its time for each page.
class SlowSource final : public connectors::Source {
  public:
    explicit SlowSource(runtime::Clock& clock) : clock_(clock) {}

    ModelSource his{"slow"};
    runtime::Duration answers_after{0};
    int at_once = 0; ///< readings that wait for an answer
    int most_at_once = 0;

    const std::string& name() const override { return his.name(); }
    std::unique_ptr<connectors::SourceReading>
    read(std::optional<reconcile::Instant> since) override {
        return std::make_unique<Reading>(*this, his.read(since));
    }
    std::int64_t requests() const override { return his.pages; }
    void cancel() override {}

  private:
    class Reading final : public connectors::SourceReading {
      public:
        Reading(SlowSource& source, std::unique_ptr<connectors::SourceReading> its)
            : source_(source),
              its_(std::move(its)) {}
        runtime::Task<connectors::SourceResult<connectors::SourcePage>> next() override {
            source_.most_at_once = std::max(source_.most_at_once, ++source_.at_once);
            const auto until = source_.clock_.now() + source_.answers_after;
            while (source_.clock_.now() < until)
                co_await source_.clock_.sleep_until(until);
            --source_.at_once;
            co_return co_await its_->next();
        }
        bool proven() const override { return its_->proven(); }
        std::uint64_t fingerprint() const override { return its_->fingerprint(); }

      private:
        SlowSource& source_;
        std::unique_ptr<connectors::SourceReading> its_;
    };

    runtime::Clock& clock_;
};

/// A fast source and a slow one, in virtual time, as the service runs them.
class SideBySide : public testing::Test {
  protected:
    SideBySide() {
        people.fill_his(4);
        fast.records.assign(people.his.records.begin(), people.his.records.begin() + 2);
        slow.his.records.assign(people.his.records.begin() + 2, people.his.records.end());
        store = state::open_sqlite(directory / "side.db", state::AuditSeal(key));
        database = std::make_unique<state::Database>(*store, nullptr);
        const sync::Environment environment{medicapp, *database, digester, log,
                                            observer, clock,     stop,     settings};
        // The slow one comes first.
        synchroniser = std::make_unique<sync::Synchroniser>(
            environment, std::vector<connectors::Source*>{&slow, &fast}, [this] { ++woken; });
    }
    ~SideBySide() override {
        pass_until([this] { return slow.at_once == 0; });
        synchroniser.reset();
        store.reset();
        std::filesystem::remove_all(directory);
    }

    void pass_until(const std::function<bool()>& done) {
        for (;;) {
            io.restart();
            io.poll();
            if (done()) return;
            if (!clock.advance()) return;
        }
    }

    /// One of the service's cycles, and how long it took.
    sync::Report run(bool patient = false) {
        sync::Request request;
        if (!patient) request.patience = sync::limits::source_patience;
        std::optional<sync::Report> report;
        std::exception_ptr error;
        const auto began = clock.now();
        asio::co_spawn(io, synchroniser->run(request),
                       [&](std::exception_ptr thrown, sync::Report its) {
                           error = std::move(thrown);
                           report = std::move(its);
                       });
        pass_until([&] { return report.has_value(); });
        took = clock.now() - began;
        if (error) std::rethrow_exception(error);
        return *report;
    }
    void time_passes(runtime::Duration duration) {
        const auto until = clock.now() + duration;
        bool over = false;
        auto sleep = [](runtime::Clock& its, runtime::TimePoint when) -> runtime::Task<void> {
            while (its.now() < when)
                co_await its.sleep_until(when);
        };
        asio::co_spawn(io, sleep(clock, until),
                       [&over](const std::exception_ptr&) { over = true; });
        pass_until([&over] { return over; });
    }
    bool has(const std::string& id) { return medicapp.find(id) != nullptr; }

    World people;
    ModelMedicapp medicapp;
    reconcile::Digester digester{key};
    RecordingLog log;
    sync::Observer observer;
    runtime::Stop stop;
    sync::Settings settings;
    asio::io_context io;
    VirtualClock clock{io.get_executor()};
    SlowSource slow{clock};
    ModelSource fast{"fast"};
    std::filesystem::path directory = own_directory();
    std::unique_ptr<state::Store> store;
    std::unique_ptr<state::Database> database;
    std::unique_ptr<sync::Synchroniser> synchroniser;
    int woken = 0;
    runtime::Duration took{};
};

TEST_F(SideBySide, AreReadInOneCycleIfTheyAnswer) {
    slow.answers_after = seconds(1);
    EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_EQ(took, seconds(1));
    EXPECT_EQ(medicapp.patients.size(), 4u);
    EXPECT_EQ(woken, 0);
}

TEST_F(SideBySide, ASlowOneIsWaitedForOnceAndItsChangesComeWhenItAnswers) {
    slow.answers_after = seconds(20);
    const auto first = run();
    EXPECT_EQ(took, sync::limits::source_patience);
    EXPECT_EQ(first.outcome, Outcome::incomplete);
    EXPECT_THAT(first.reason, HasSubstr("source slow: it is still being read"));
    EXPECT_TRUE(has("P1") && has("P2")) << "the fast one's";
    EXPECT_FALSE(has("P3"));
    EXPECT_EQ(log.count("source.unavailable"), 0) << "slow is no outage";

    fast.edit("P1", Field::phone, new_phone);
    run();
    EXPECT_EQ(took, seconds(0)) << "nobody waits for it twice";
    EXPECT_EQ(text(*medicapp.find("P1"), Field::phone), new_phone);

    EXPECT_EQ(woken, 0);
    time_passes(seconds(20));
    EXPECT_EQ(woken, 1) << "there is something to take";
    EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_EQ(took, seconds(0));
    EXPECT_TRUE(has("P3") && has("P4"));
    EXPECT_EQ(slow.most_at_once, 1);

    slow.answers_after = std::chrono::milliseconds(100);
    EXPECT_EQ(run().outcome, Outcome::incomplete) << "it is known to be slow";
    EXPECT_EQ(took, seconds(0));
    time_passes(seconds(1));
    EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_EQ(run().outcome, Outcome::complete) << "not any more";
    EXPECT_EQ(took, slow.answers_after);
}

TEST_F(SideBySide, OneThatIsDownCostsNoCycleAnyTime) {
    slow.answers_after = seconds(17); // five attempts
    slow.his.broken = SourceError(SourceError::Kind::unavailable, "no answer");
    run();
    for (int cycle = 0; cycle < 5; ++cycle) {
        time_passes(seconds(30));
        const auto report = run();
        EXPECT_EQ(took, seconds(0));
        EXPECT_EQ(report.outcome, Outcome::incomplete);
        EXPECT_THAT(report.reason, HasSubstr("source slow: no answer"));
        EXPECT_THAT(report.sources, SizeIs(2)) << "it is shown as down";
    }
    EXPECT_EQ(woken, 0) << "a failure is nothing to take";
    EXPECT_EQ(log.count("source.unavailable"), 1);
    slow.his.broken.reset();
    time_passes(seconds(30));
    run();
    time_passes(seconds(30));
    run();
    EXPECT_TRUE(has("P3"));
    EXPECT_EQ(log.count("source.recovered"), 1);
}

TEST_F(SideBySide, WhoRefusesCredentialsIsLeftAloneForAWhile) {
    slow.his.broken = SourceError(SourceError::Kind::unauthorized, "refused");
    EXPECT_EQ(run().outcome, Outcome::unauthorized);
    const auto asked = slow.most_at_once;
    slow.most_at_once = 0;
    for (int cycle = 0; cycle < 4; ++cycle) {
        time_passes(seconds(60));
        EXPECT_EQ(run().outcome, Outcome::unauthorized);
    }
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(slow.most_at_once, 0);
    slow.his.broken.reset();
    time_passes(seconds(61));
    run();
    run();
    EXPECT_TRUE(has("P3"));
}

TEST_F(SideBySide, WhoeverAsksForACycleWaitsForAll) {
    slow.answers_after = seconds(20);
    EXPECT_EQ(run(true).outcome, Outcome::complete);
    EXPECT_EQ(took, seconds(20));
    EXPECT_EQ(medicapp.patients.size(), 4u);
}

/// A record in use refutes a merge, also if its source is too slow to say so now.
TEST_F(SideBySide, AMergeWaitsForOneThatIsSlow) {
    run(true);
    auto claim = slow.his.at("P3");
    claim.merged_into = "P4";
    claim.modified_at = *claim.modified_at + seconds(10);
    fast.records.push_back(claim);
    slow.answers_after = seconds(20);
    EXPECT_EQ(run().outcome, Outcome::incomplete);
    EXPECT_THAT(store->held(), IsEmpty());
    time_passes(seconds(30));
    slow.answers_after = seconds(0);
    for (int i = 0; i < 3; ++i) {
        run();
        time_passes(seconds(1));
    }
    EXPECT_THAT(store->held(), IsEmpty());
    EXPECT_EQ(log.count("patient.excluded"), 0);
}

/// Who is described by two sources as two people is decided by both, or not at all.
TEST_F(SideBySide, WhoIsUndecidedStaysSoWhileOneOfTheSourcesIsDown) {
    auto other = slow.his.at("P3");
    other.patient[Field::last_name] = FieldValue::known("Ailleurs");
    other.patient[Field::first_name] = FieldValue::known("Luc");
    fast.records.push_back(other);
    run(true);
    ASSERT_THAT(store->held(), SizeIs(1));
    slow.his.broken = SourceError(SourceError::Kind::unavailable, "down");
    for (const bool full : {false, true}) {
        sync::Request request;
        request.full = full;
        bool done = false;
        asio::co_spawn(io, synchroniser->run(request),
                       [&](const std::exception_ptr&, const sync::Report&) { done = true; });
        pass_until([&done] { return done; });
        EXPECT_THAT(store->held(), SizeIs(1));
        EXPECT_FALSE(has("P3"));
    }
}

} // namespace
} // namespace medibridge::tests
