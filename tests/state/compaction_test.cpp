#include "opening.hpp"
#include "record_text.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <random>

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;

class CompactionTest : public testing::Test {
  protected:
    static constexpr int many = 4'000;

    /// Links of patients whose externalIds do not come in order, as a HIS may have them.
    void load(Store& store, int from, int to) const {
        std::mt19937 numbers(static_cast<std::mt19937::result_type>(from));
        for (int i = from; i < to;) {
            Batch batch;
            for (int end = std::min(to, i + 250); i < end; ++i) {
                const auto number = std::to_string(numbers()) + "x" + std::to_string(i);
                batch.add(Batch::PutLink{link("P" + number, "m" + number)});
                batch.audit(audit_entry("P" + number, 1000));
            }
            store.commit(batch);
        }
    }

    /// As a process is, once its first cycle has looked over all rows.
    std::unique_ptr<Store> open_sound() const {
        auto store = open_sqlite(path);
        store->find_altered(0);
        return store;
    }

    std::uintmax_t size() const { return fs::file_size(path); }

    static std::string all(Store& store) {
        std::string text;
        store.each_link([&](const Link& link) { text += test::text(link) + '\n'; });
        return text + test::text(store.counts());
    }

    const Scratch scratch;
    const fs::path path = scratch.state_file();
};

TEST_F(CompactionTest, ABulkOfNewLinksTakesLessRoomAfterAQuietMoment) {
    load(*open_sqlite(path), 0, many); // whose end folds the log
    const auto large = size();
    const auto store = open_sound();
    const auto before = all(*store);
    store->tidy_up();
    const auto small = size();
    EXPECT_LT(static_cast<double>(small), 0.95 * static_cast<double>(large));
    EXPECT_EQ(all(*store), before);
    EXPECT_TRUE(store->verify_audit().intact);
    EXPECT_EQ(store->find_altered(10).count, 0);
    store->tidy_up();
    EXPECT_EQ(size(), small) << "once";
}

TEST_F(CompactionTest, IsDoneAgainOnlyOnceTheLinksHaveDoubledAlsoByTheNextProcess) {
    {
        const auto store = open_sound();
        load(*store, 0, many);
        store->tidy_up();
    }
    const auto store = open_sound();
    load(*store, many, 2 * many - 1);
    store->tidy_up();
    const auto before = size();
    load(*store, 2 * many - 1, 2 * many + 1);
    store->tidy_up();
    EXPECT_LT(size(), before);
}

TEST_F(CompactionTest, FewLinksAndAStateThatIsNotSoundAreLeftAsTheyAre) {
    {
        const auto store = open_sqlite(path); // nobody has looked at its rows
        load(*store, 0, many);
        store->tidy_up();
        const auto before = size();
        store->find_altered(0);
        store->tidy_up();
        EXPECT_LT(size(), before);
    }
    const Scratch other;
    const auto store = open_sqlite(other.state_file());
    store->find_altered(0);
    load(*store, 0, 999);
    store->tidy_up();
    EXPECT_EQ(store->meta("compacted_links"), "");
    load(*store, 999, 1000);
    store->tidy_up();
    EXPECT_EQ(store->meta("compacted_links"), "1000");
}

TEST_F(CompactionTest, WithoutRoomForItTheFileStaysAsItIsAndTheStoreGoesOn) {
    const auto store = open_sound();
    load(*store, 0, many);
    store->commit(batch(Batch::PutMeta{"a", std::string(2u << 20, 'a')}));
    store->tidy_up(); // folds the log
    load(*store, many, 2 * many + 1);
    const auto before = all(*store);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit former{};
    ::getrlimit(RLIMIT_FSIZE, &former);
    const struct rlimit small{1u << 20, former.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    store->tidy_up();
    ::setrlimit(RLIMIT_FSIZE, &former);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(all(*store), before);
    store->commit(batch(Batch::PutMeta{"a", "b"}));
    EXPECT_EQ(store->meta("a"), "b");
    EXPECT_TRUE(store->verify_audit().intact);
}

} // namespace
} // namespace medibridge::state::test
