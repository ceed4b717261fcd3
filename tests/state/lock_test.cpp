#include "opening.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;

/// A process that owns the state until it is killed, and says when it does.
Child::Job own(const fs::path& path) {
    return [path](int to_parent) {
        const auto store = open_sqlite(path);
        send(to_parent, 1);
        for (;;)
            ::pause();
    };
}

TEST(LockTest, ASecondOwnerIsToldWhoIsTheFirst) {
    const Scratch scratch;
    Child owner(own(scratch.state_file()));
    ASSERT_TRUE(owner.receive());
    for (const auto& open : {open_sqlite, open_sqlite_copy}) {
        const auto error = store_error([&] { open(scratch.state_file()); });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->kind(), StoreError::Kind::locked);
        const std::string what = error->what();
        EXPECT_NE(what.find("process " + std::to_string(owner.pid()) + ":"), std::string::npos)
            << what;
        EXPECT_NE(what.find(scratch.state_file().string()), std::string::npos) << what;
    }
}

TEST(LockTest, AKilledOwnerLeavesNoLock) {
    const Scratch scratch;
    Child owner(own(scratch.state_file()));
    ASSERT_TRUE(owner.receive());
    owner.kill();
    EXPECT_NO_THROW(open_sqlite(scratch.state_file()));
    EXPECT_EQ(bytes_of(scratch.state_file().string() + ".lock"), std::to_string(::getpid()) + "\n");
}

TEST(LockTest, OneProcessCannotOwnItTwiceEither) {
    const Scratch scratch;
    const auto store = open_sqlite(scratch.state_file());
    const auto error = store_error([&] { open_sqlite(scratch.state_file()); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::locked);
    store->commit(batch(Batch::PutMeta{"a", "b"}));
}

TEST(LockTest, AnotherNameOfTheFileIsNoWayAround) {
    const Scratch scratch;
    const auto store = open_sqlite(scratch.state_file());
    fs::create_symlink(scratch.state_file(), scratch.directory() / "other.db");
    const auto error = store_error([&] { open_sqlite(scratch.directory() / "other.db"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::locked);
}

TEST(LockTest, TheLockFileStaysAndIsPrivate) {
    const Scratch scratch;
    open_sqlite(scratch.state_file());
    EXPECT_EQ(scratch.names(), "state.db,state.db.lock");
    EXPECT_EQ(fs::status(scratch.state_file().string() + ".lock").permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
}

TEST(LockTest, AProgramThatIsStartedDoesNotInheritTheLock) {
    const Scratch scratch;
    const auto store = open_sqlite(scratch.state_file());
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        if (!fs::read_symlink(entry.path(), gone)
                 .string()
                 .starts_with(scratch.directory().string()))
            continue;
        const int descriptor = std::stoi(entry.path().filename());
        EXPECT_NE(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0) << entry.path();
    }
}

TEST(LockTest, WithoutTheLockFileSqliteItselfKeepsOthersOut) {
    const Scratch scratch;
    Child owner(own(scratch.state_file()));
    ASSERT_TRUE(owner.receive());
    fs::remove(scratch.state_file().string() + ".lock");
    const auto error = store_error([&] { open_sqlite(scratch.state_file()); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::locked) << error->what();
}

} // namespace
} // namespace medibridge::state::test
