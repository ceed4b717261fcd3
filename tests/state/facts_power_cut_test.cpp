#include "disk/simulated_disk.hpp"
#include "disk/simulated_facts.hpp"
#include "opening.hpp"
#include "scratch.hpp"
#include "script.hpp"
#include "state/sqlite/connection.hpp"

#include <gtest/gtest.h>
#include <iostream>

namespace medibridge::state::test {
namespace {

using disk::SimulatedDisk;
using disk::SimulatedFacts;

std::unique_ptr<Store> open_on(SimulatedDisk& disk) {
    Surroundings surroundings;
    surroundings.vfs = disk.vfs();
    return open_sqlite_on_vfs("state.db", surroundings, std::make_unique<SimulatedFacts>(disk));
}

/// What a fact is after the script's nth batch.
std::optional<std::string> word_on(const Fact& fact, int n) {
    Facts facts;
    for (int batch = 1; batch <= n; ++batch)
        for (const Fact& one : facts_in(scripted(batch)))
            facts.note(one);
    for (const Fact& one : facts.all())
        if (one.kind == fact.kind && one.id == fact.id) return one.says;
    return {};
}

std::optional<std::string> word_of(Store& store, const Fact& about) {
    const Known known = store.look_up({about.id}).front();
    if (about.kind == Fact::Kind::redirect)
        return known.redirect.empty() ? std::nullopt : std::optional(known.redirect);
    return known.tombstone ? std::optional(known.tombstone->medicapp_id) : std::nullopt;
}

/// Expects of each fact that the store says what is so after the nth batch or after the next.
void expect_facts(Store& store, int n) {
    for (int batch = 1; batch <= scripted_batches; ++batch)
        for (const Fact& fact : facts_in(scripted(batch))) {
            const auto word = word_of(store, fact);
            EXPECT_TRUE(word == word_on(fact, n) || word == word_on(fact, n + 1))
                << fact.id << ": " << word.value_or("nothing");
        }
}

/// Goes on with the script; how many batches are acknowledged when it ends or the disk stops.
int go_on(SimulatedDisk& disk, int acknowledged) {
    const auto stopped = store_error([&] {
        const auto store = open_on(disk);
        EXPECT_GE(last_scripted(*store), acknowledged);
        expect_facts(*store, last_scripted(*store));
        for (acknowledged = last_scripted(*store); acknowledged < scripted_batches; ++acknowledged)
            store->commit(scripted(acknowledged + 1));
    });
    EXPECT_TRUE(!stopped || disk.stopped()) << stopped->what();
    return acknowledged;
}

/// The state is gone, the facts beside it are not.
void expect_a_rebuild_to_know_them(const SimulatedDisk& from, int acknowledged) {
    SimulatedDisk disk;
    const auto files = from.files();
    if (const auto found = files.find("state.db.facts"); found != files.end())
        disk.put(found->first, found->second);
    expect_facts(*open_on(disk), acknowledged);
}

TEST(FactsPowerCutTest, AtAnyChangeOfTheDiskNoErasureIsForgotten) {
    int cuts = 0;
    bool ended = false;
    for (std::int64_t cut = first_moment(); !ended && !testing::Test::HasFailure(); cut += stride)
        for (std::uint64_t seed = 0; seed < 2; ++seed) {
            SCOPED_TRACE("cut at change " + std::to_string(cut) + ", seed " + std::to_string(seed));
            SimulatedDisk disk;
            disk.stop_at_change(cut);
            const int acknowledged = go_on(disk, 0);
            ended = !disk.stopped();
            disk.cut_power(seed);
            expect_a_rebuild_to_know_them(disk, acknowledged);
            go_on(disk, acknowledged);
            EXPECT_EQ(scripted_text(*open_on(disk)), scripted_texts().back());
            ++cuts;
        }
    std::cout << cuts << " power cuts\n";
    EXPECT_GT(cuts, 200 / stride);
}

} // namespace
} // namespace medibridge::state::test
