#include "disk/simulated_disk.hpp"
#include "opening.hpp"
#include "samples.hpp"
#include "scratch.hpp"
#include "script.hpp"
#include "state/sqlite/connection.hpp"

#include <gtest/gtest.h>
#include <iostream>
#include <map>

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;

using Files = std::map<std::string, std::string>;

/// A state with all scripted batches: in the database if it was closed, else, as its owner was
/// killed, in the log.
Files scripted_files(bool closed) {
    disk::SimulatedDisk disk;
    Surroundings surroundings;
    surroundings.vfs = disk.vfs();
    auto store = open_sqlite_on_vfs("state.db", surroundings);
    for (int n = 1; n <= scripted_batches; ++n)
        store->commit(scripted(n));
    if (closed) store.reset();
    disk.kill_process();
    return disk.files();
}

/// What became of an opening: a refusal that left everything as it was, or the number of the batch
/// up to which the state is whole, or `other`, which is neither.
struct Outcome {
    bool refused = false;
    int batch = -1;
    bool other() const { return !refused && batch < 0; }
};

Outcome open_damaged(const Files& files) {
    const Scratch scratch;
    for (const auto& [name, bytes] : files)
        write_bytes(scratch.directory() / name, bytes);
    Outcome outcome;
    const auto error = store_error([&] {
        const auto store = open_sqlite(scratch.state_file());
        const std::string text = scripted_text(*store);
        for (int n = 0; n <= scripted_batches; ++n)
            if (text == scripted_texts()[static_cast<std::size_t>(n)]) outcome.batch = n;
    });
    if (!error) return outcome;
    outcome.refused = true;
    for (const auto& [name, bytes] : files)
        EXPECT_TRUE(bytes_of(scratch.directory() / name) == bytes)
            << name << " was changed, after: " << error->what();
    return outcome;
}

Outcome open_with_flip(Files files, const std::string& name, std::size_t at) {
    char& byte = files.at(name).at(at);
    byte = static_cast<char>(byte ^ 0x24);
    return open_damaged(files);
}

constexpr std::size_t page_size = 4096;
constexpr std::size_t frame_size = page_size + 24;
constexpr std::size_t log_header = 32;

TEST(DamageTest, InTheLogEndsInARefusalOrCostsTheLastTwoCommitsAtMost) {
    const Files files = scripted_files(false);
    const std::size_t size = files.at("state.db-wal").size();
    ASSERT_GT(size, 60 * frame_size);
    std::map<int, int> whole_up_to;
    int refused = 0;
    for (std::size_t at = 0; at < size;) {
        const Outcome outcome = open_with_flip(files, "state.db-wal", at);
        EXPECT_FALSE(outcome.other()) << at;
        EXPECT_TRUE(outcome.refused || outcome.batch >= scripted_batches - 2)
            << at << " of " << size << ": " << outcome.batch;
        outcome.refused ? ++refused : ++whole_up_to[outcome.batch];
        // Some bytes of each header, and some of each page.
        const std::size_t in_frame = at < log_header ? 0 : (at - log_header) % frame_size;
        at += (in_frame < 24 ? 5U : 1361U) * stride;
    }
    std::cout << refused << " refused";
    for (const auto& [batch, times] : whole_up_to)
        std::cout << ", " << times << " whole up to batch " << batch;
    std::cout << "\n";
    EXPECT_GT(refused, 100 / stride);
    EXPECT_LT(whole_up_to[scripted_batches - 1], refused);
}

TEST(DamageTest, InAPagesHeadIsRefusedOrHarmless) {
    const Files files = scripted_files(true);
    const std::size_t size = files.at("state.db").size();
    ASSERT_GE(size, 20 * page_size);
    int refused = 0;
    int whole = 0;
    for (std::size_t page = 0; page < size; page += page_size)
        for (std::size_t at = page == 0 ? 100 : 0; at < (page == 0 ? 108U : 12U); ++at) {
            const Outcome outcome = open_with_flip(files, "state.db", page + at);
            EXPECT_TRUE(outcome.refused || outcome.batch == scripted_batches)
                << "page " << page / page_size << " byte " << at;
            ++(outcome.refused ? refused : whole);
        }
    std::cout << refused << " refused, " << whole << " harmless\n";
    EXPECT_GT(refused, 100);
}

/// SQLite has no sums over its pages, so a value that changes may go unnoticed; whatever is refused
/// is left as it is, and nothing worse happens.
TEST(DamageTest, AnywhereElseIsRefusedOrReadAsAState) {
    const Files files = scripted_files(true);
    int refused = 0;
    int whole = 0;
    int changed = 0;
    for (std::size_t at = 0; at < files.at("state.db").size(); at += at < 100 ? 1 : 389 * stride) {
        const Outcome outcome = open_with_flip(files, "state.db", at);
        ++(outcome.refused ? refused : outcome.other() ? changed : whole);
    }
    std::cout << refused << " refused, " << whole << " harmless, " << changed << " unnoticed\n";
    EXPECT_GT(refused, 0);
}

TEST(DamageTest, APageOfGarbageIsRefused) {
    const Files files = scripted_files(true);
    const std::size_t size = files.at("state.db").size();
    for (std::size_t page = 0; page < size; page += page_size) {
        Files damaged = files;
        damaged.at("state.db").replace(page, page_size, page_size, '\xa7');
        const Outcome outcome = open_damaged(damaged);
        EXPECT_TRUE(outcome.refused) << "page " << page / page_size;
    }
}

/// Bits of rows and index entries of `link`, which is an index of itself: P1 to P4, each linked to
/// the Medicapp patient of the same number.
class DamagedLinks : public testing::Test {
  protected:
    DamagedLinks() {
        const auto store = open_sqlite(path);
        for (const std::string n : {"1", "2", "3", "4"})
            store->commit(batch(Batch::PutLink{link("P" + n, "m" + n)}));
    }

    void change(const std::string& before, const std::string& after) const {
        auto bytes = bytes_of(path);
        const auto place = bytes.find(before);
        ASSERT_NE(place, std::string::npos);
        bytes.replace(place, before.size(), after);
        write_bytes(path, bytes);
    }

    static std::string medicapp_id(Store& store, const std::string& external_id) {
        const auto known = store.look_up({external_id}).front();
        return known.link ? known.link->medicapp_id : "";
    }

    /// P3's row is gone, everybody else's is as it was, and P3 can be linked again.
    void expect_only_the_third_is_gone() const {
        const auto store = open_sqlite(path);
        EXPECT_EQ(store->find_altered(10).count, 0);
        EXPECT_EQ(store->counts().links, 3);
        for (const std::string n : {"1", "2", "4"}) {
            EXPECT_EQ(medicapp_id(*store, "P" + n), "m" + n);
            EXPECT_TRUE(store->links_to({"m" + n}).front().has_value()) << n;
        }
        EXPECT_FALSE(store->links_to({"m3"}).front().has_value());
        store->commit(batch(Batch::PutLink{link("P3", "m3")}));
        EXPECT_EQ(medicapp_id(*store, "P3"), "m3");
    }

    const Scratch scratch;
    const fs::path path = scratch.state_file();
};

TEST_F(DamagedLinks, AKeyThatBecameItsNeighboursIsSetAsideWithoutThem) {
    change("P3m3", "P2m3");
    {
        const auto store = open_sqlite(path);
        const auto found = store->find_altered(10);
        ASSERT_FALSE(found.rows.empty());
        EXPECT_EQ(found.rows.front(), (AlteredRow{"link", "altered:5032"}));
        store->commit(batch(Batch::SetAside{""}));
    }
    expect_only_the_third_is_gone();
}

TEST_F(DamagedLinks, AKeyThatStandsWhereNoSearchFindsItIsSetAside) {
    for (const std::string& other : {std::string("\x10") + "3m3", std::string("p3m3")}) {
        change("P3m3", other);
        {
            const auto store = open_sqlite(path);
            EXPECT_GT(store->find_altered(10).count, 0);
            store->commit(batch(Batch::SetAside{""}));
        }
        expect_only_the_third_is_gone();
    }
}

TEST_F(DamagedLinks, AnIndexThatSaysSomethingElseIsToldAndMadeAnew) {
    for (const std::string other : {"m3P2", "m2P3", "m9P3"}) {
        change("m3P3", other);
        const auto store = open_sqlite(path);
        EXPECT_EQ(store->find_altered(0).count, 1) << other;
        EXPECT_EQ(store->find_altered(0).count, 1) << "it is only told";
        const auto found = store->find_altered(10);
        ASSERT_EQ(found.rows.size(), 1U);
        EXPECT_EQ(found.rows.front(), (AlteredRow{"indexes", ""}));
        EXPECT_EQ(store->find_altered(0).count, 0);
        for (const std::string n : {"1", "2", "3", "4"})
            EXPECT_EQ(store->links_to({"m" + n}).front().value().external_id, "P" + n);
    }
}

TEST_F(DamagedLinks, WhatStandsInTheWayOfALinkIsSetRightByTheNextStart) {
    change("m3P3", "m9P3");
    EXPECT_THROW(open_sqlite(path)->commit(batch(Batch::PutLink{link("P9", "m9")})), LinkTaken);
    const auto store = open_sqlite(path);
    EXPECT_EQ(store->find_altered(10).count, 1);
    store->commit(batch(Batch::PutLink{link("P9", "m9")}));
}

} // namespace
} // namespace medibridge::state::test
