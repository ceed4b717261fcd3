#include "opening.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <gtest/gtest.h>

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;

constexpr int links_in_a_batch = 40;

std::string numbered(const char* prefix, std::int64_t number) {
    return prefix + std::to_string(number);
}

/// The n-th batch: every part of it carries n, so that half a batch can be told.
Batch numbered_batch(std::int64_t n) {
    Batch made;
    for (int i = 0; i < links_in_a_batch; ++i) {
        Link one = link(numbered("P", i), numbered("m", i), static_cast<std::uint8_t>(n));
        one.baselines.his.modified_at = at(n);
        made.add(Batch::PutLink{one});
    }
    made.add(Batch::PutIntent{intent(numbered("I", n))});
    made.add(Batch::DropIntent{numbered("I", n - 1)});
    made.add(Batch::Audit{audit_entry("P", n)});
    made.add(Batch::PutMeta{"batch", std::to_string(n)});
    return made;
}

/// Commits batch after batch from `first` on and says each number once it is durable.
Child::Job commit_for_ever(const fs::path& path, std::int64_t first) {
    return [path, first](int to_parent) {
        const auto store = open_sqlite(path);
        for (std::int64_t n = first;; ++n) {
            store->commit(numbered_batch(n));
            send(to_parent, n);
        }
    };
}

/// The number of the last batch, after a check that all of its parts are there and no others.
std::int64_t last_whole_batch(Store& store) {
    const std::int64_t n = std::stoll(store.meta("batch"));
    store.each_link([&](const Link& one) {
        EXPECT_EQ(one.baselines.his.modified_at, at(n)) << one.external_id;
    });
    EXPECT_EQ(store.counts().links, links_in_a_batch);
    EXPECT_EQ(store.intents().size(), 1U);
    EXPECT_EQ(store.intents().front().external_id, numbered("I", n));
    EXPECT_EQ(store.audit({.limit = 1}).front().at_ms, n);
    return n;
}

TEST(CrashTest, AKilledOwnerLosesNothingThatWasAcknowledgedAndLeavesNoHalfBatch) {
    const Scratch scratch;
    std::int64_t next = 1;
    for (int round = 0; round < 25; ++round) {
        Child writer(commit_for_ever(scratch.state_file(), next));
        std::int64_t acknowledged = 0;
        for (int wanted = 1 + round * 7 % 20; wanted > 0; --wanted)
            acknowledged = writer.receive().value();
        acknowledged = writer.kill().value_or(acknowledged);
        const auto store = open_sqlite(scratch.state_file());
        const std::int64_t found = last_whole_batch(*store);
        EXPECT_GE(found, acknowledged);
        EXPECT_LE(found, acknowledged + 1);
        next = found + 1;
    }
}

TEST(CrashTest, AnOwnerKilledWhileItMakesTheFileLeavesOneThatCanBeUsed) {
    for (int round = 0; round < 10; ++round) {
        const Scratch scratch;
        Child maker([&](int to_parent) {
            send(to_parent, 1);
            open_sqlite(scratch.state_file());
        });
        maker.receive();
        for (int spin = 0; spin < round * 20 && scratch.names().find("-wal") == std::string::npos;)
            ++spin;
        maker.kill();
        const auto store = open_sqlite(scratch.state_file());
        store->commit(numbered_batch(1));
        EXPECT_EQ(last_whole_batch(*store), 1);
    }
}

} // namespace
} // namespace medibridge::state::test
