#include "opening.hpp"
#include "record_text.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;

Batch many_links(int from, int count) {
    Batch made;
    for (int i = from; i < from + count; ++i)
        made.add(Batch::PutLink{link("P" + std::to_string(i), "m" + std::to_string(i))});
    return made;
}

/// Commits batches of links, of which the store holds `from`, until one fails.
int fill_up(Store& store, int from, std::optional<StoreError>& error) {
    for (; !error && from < 1'000'000; from += error ? 0 : 500)
        error = store_error([&] { store.commit(many_links(from, 500)); });
    return from;
}

/// A file system of 2 MiB over the directory, while it lives.
class SmallDisk {
  public:
    explicit SmallDisk(const fs::path& directory)
        : directory_(directory),
          mounted_(::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=2m") == 0) {}
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (mounted_) ::umount(directory_.c_str());
    }
    bool mounted() const { return mounted_; }

  private:
    fs::path directory_;
    bool mounted_;
};

TEST(DiskTest, AFullDiskFailsTheBatchWholeAndTheStoreGoesOnWhenThereIsRoom) {
    const Scratch scratch;
    const SmallDisk disk(scratch.directory());
    if (!disk.mounted()) GTEST_SKIP() << "only root can mount a small disk";
    auto store = open_sqlite(scratch.state_file());
    write_bytes(scratch.directory() / "ballast", std::string(512 * 1024, 'x'));
    std::optional<StoreError> error;
    const int links = fill_up(*store, 0, error);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::unavailable);
    EXPECT_NE(std::string(error->what()).find("disk is full"), std::string::npos) << error->what();
    EXPECT_EQ(store->counts().links, links);
    EXPECT_FALSE(store->look_up({"P" + std::to_string(links)}).front().link);

    fs::remove(scratch.directory() / "ballast");
    store->commit(many_links(links, 500));
    EXPECT_EQ(store->counts().links, links + 500);
    store.reset();
    EXPECT_EQ(open_sqlite(scratch.state_file())->counts().links, links + 500);
}

TEST(DiskTest, AStateThatCannotBeMadeForWantOfRoomSaysSo) {
    const Scratch scratch;
    const SmallDisk disk(scratch.directory());
    if (!disk.mounted()) GTEST_SKIP() << "only root can mount a small disk";
    write_bytes(scratch.directory() / "ballast", std::string(4 * 1024 * 1024, 'x'));
    const auto error = store_error([&] { open_sqlite(scratch.state_file()); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::unavailable);
    fs::remove(scratch.directory() / "ballast");
    EXPECT_EQ(text(open_sqlite(scratch.state_file())->counts()), text(Counts{}));
}

/// Writes beyond a size fail while it lives, with an error that is not "disk full".
class FileSizeLimit {
  public:
    explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &former_);
        const struct rlimit small{bytes, former_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &former_);
        std::signal(SIGXFSZ, handler_);
    }

  private:
    struct rlimit former_{};
    void (*handler_)(int);
};

TEST(DiskTest, AFailedWriteFailsTheBatchWholeAndTheStoreGoesOnAfterwards) {
    const Scratch scratch;
    auto store = open_sqlite(scratch.state_file());
    store->commit(many_links(0, 500));
    std::optional<StoreError> error;
    int links = 500;
    {
        const FileSizeLimit limit(1024 * 1024);
        links = fill_up(*store, links, error);
        ASSERT_TRUE(error);
        EXPECT_EQ(error->kind(), StoreError::Kind::unavailable);
        EXPECT_NE(std::string(error->what()).find(scratch.state_file().string()),
                  std::string::npos);
        EXPECT_EQ(store->counts().links, links) << "reading must still work";
    }
    store->commit(many_links(links, 500));
    store.reset();
    EXPECT_EQ(open_sqlite(scratch.state_file())->counts().links, links + 500);
}

TEST(DiskTest, ABatchLargerThanTheCacheFailsWholeToo) {
    const Scratch scratch;
    auto store = open_sqlite(scratch.state_file());
    store->commit(many_links(0, 100));
    std::optional<StoreError> error;
    {
        const FileSizeLimit limit(3 * 1024 * 1024);
        error = store_error([&] { store->commit(many_links(100, 40'000)); });
    }
    ASSERT_TRUE(error);
    EXPECT_EQ(store->counts().links, 100);
    store->commit(many_links(100, 40'000));
    store.reset();
    EXPECT_EQ(open_sqlite(scratch.state_file())->counts().links, 40'100);
}

} // namespace
} // namespace medibridge::state::test
