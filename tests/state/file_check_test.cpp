#include "opening.hpp"
#include "record_text.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <SQLiteCpp/Database.h>
#include <future>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stop_token>
#include <unistd.h>

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;
using Kind = StoreError::Kind;

class FileCheckTest : public testing::Test {
  protected:
    static constexpr int many = 2'000;

    void SetUp() override {
        Batch all;
        for (int i = 0; i < many; ++i)
            all.add(Batch::PutLink{link("P" + std::to_string(i), "m" + std::to_string(i))});
        open_sqlite(path)->commit(all);
    }

    /// Where links are, and nothing that is read as a state is opened.
    void damage() {
        std::string bytes = bytes_of(path);
        ASSERT_GT(bytes.size(), 200'000U);
        bytes.replace(bytes.size() / 2, 4096, 4096, '\xa7');
        write_bytes(path, bytes);
    }

    std::unique_ptr<Store> open(CheckInBackground check = {}) const {
        return state::open_sqlite(path, audit_seal(), std::move(check));
    }

    const Scratch scratch;
    const fs::path path = scratch.state_file();
};

void expect_damaged(const std::function<void()>& job) {
    const auto error = store_error(job);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), Kind::damaged);
    EXPECT_NE(std::string(error->what()).find("it was left as it is"), std::string::npos);
}

TEST_F(FileCheckTest, ADamagedFileTakesNoWriteOfAnyKindAndItsOwnerIsTold) {
    damage();
    const auto before = bytes_of(path);
    std::promise<StoreError> told;
    const auto store = open({[&](const StoreError& fault) { told.set_value(fault); }, {}});
    EXPECT_EQ(store->counts().links, many) << "it is read meanwhile";
    EXPECT_EQ(told.get_future().get().kind(), Kind::damaged);
    for (int again = 0; again < 2; ++again)
        expect_damaged([&] { store->commit(batch(Batch::PutMeta{"a", "b"})); });
    expect_damaged([&] { store->find_altered(10); });
    expect_damaged([&] { store->prune_audit(1); });
    expect_damaged([&] { store->backup_to(scratch.directory() / "backup"); });
    const KeyBytes key = KeyBytes::random();
    expect_damaged([&] { store->rotate_key(key, key, {}, {}); });
    store->tidy_up();
    EXPECT_TRUE(bytes_of(path) == before);
    EXPECT_FALSE(fs::exists(scratch.directory() / "backup"));
}

TEST_F(FileCheckTest, NorDoesItTakeWhatIsPutRightAsItIsOpened) {
    open()->commit(batch(Batch::PutTombstone{{"P1", "m1"}}));
    const auto facts = bytes_of(path.string() + ".facts");
    open()->commit(batch(Batch::DropTombstone{"P1"}));
    write_bytes(path.string() + ".facts", facts);
    damage();
    const auto before = bytes_of(path);
    expect_damaged([&] { open(); });
    EXPECT_TRUE(bytes_of(path) == before);
}

TEST_F(FileCheckTest, AfterAnOwnerWasKilledTheLogIsCheckedToo) {
    Child owner([this](int to_parent) {
        const auto store = open();
        store->commit(batch(Batch::PutMeta{"a", "b"}));
        send(to_parent, 1);
        for (;;)
            ::pause();
    });
    ASSERT_TRUE(owner.receive());
    owner.kill();
    ASSERT_GT(fs::file_size(path.string() + "-wal"), 0U);
    damage();
    expect_damaged([&] { await_check(*open()); });
}

TEST_F(FileCheckTest, ASoundFileIsWrittenOnceItIsCheckedAndStaysItsOwnersAlone) {
    const auto store = open({[](const StoreError& fault) { FAIL() << fault.what(); }, {}});
    store->commit(batch(Batch::PutMeta{"a", "b"}));
    EXPECT_EQ(store->meta("a"), "b");
    // That the check has closed the file again takes away no lock of SQLite's.
    Child other([this](int to_parent) {
        SQLite::Database beside(path.string(), SQLite::OPEN_READWRITE);
        int code = 0;
        try {
            beside.exec("SELECT * FROM meta");
        } catch (const SQLite::Exception& error) {
            code = error.getErrorCode();
        }
        send(to_parent, code);
        ::pause();
    });
    EXPECT_EQ(other.receive(), SQLITE_BUSY);
}

TEST_F(FileCheckTest, CutOffItLetsNothingBeWritten) {
    std::stop_source end;
    end.request_stop();
    const auto before = bytes_of(path);
    {
        const auto store =
            open({[](const StoreError& fault) { FAIL() << fault.what(); }, end.get_token()});
        const auto error = store_error([&] { store->commit(batch(Batch::PutMeta{"a", "b"})); });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->kind(), Kind::unavailable);
        EXPECT_NE(std::string(error->what()).find("nothing was written"), std::string::npos);
    }
    EXPECT_TRUE(bytes_of(path) == before);
}

TEST_F(FileCheckTest, AnOwnerThatGoesAtOnceDoesNotWaitForIt) {
    for (int again = 0; again < 20; ++again)
        EXPECT_EQ(open()->counts().links, many);
}

} // namespace
} // namespace medibridge::state::test
