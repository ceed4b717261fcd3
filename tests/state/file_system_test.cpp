#include "opening.hpp"
#include "scratch.hpp"
#include "state/sqlite/connection.hpp"
#include "state/sqlite/file.hpp"

#include <gtest/gtest.h>

namespace medibridge::state::test {
namespace {

constexpr std::uint32_t fuse = 0x65735546;

TEST(FileSystemTest, NamesNetworkFileSystems) {
    EXPECT_EQ(network_file_system({0x6969, ""}), "NFS");
    EXPECT_EQ(network_file_system({0x517B, ""}), "SMB");
    EXPECT_EQ(network_file_system({0xFF534D42, ""}), "CIFS");
    EXPECT_EQ(network_file_system({0xFE534D42, ""}), "SMB2");
    EXPECT_EQ(network_file_system({0x5346414F, ""}), "AFS");
    EXPECT_EQ(network_file_system({0x00C36400, ""}), "Ceph");
    EXPECT_EQ(network_file_system({fuse, "fuse.sshfs"}), "sshfs");
    EXPECT_EQ(network_file_system({fuse, "fuse.glusterfs"}), "glusterfs");
}

TEST(FileSystemTest, AcceptsLocalOnesAndThoseOfContainers) {
    EXPECT_FALSE(network_file_system({0xEF53, ""})) << "ext4";
    EXPECT_FALSE(network_file_system({0x58465342, ""})) << "xfs";
    EXPECT_FALSE(network_file_system({0x9123683E, ""})) << "btrfs";
    EXPECT_FALSE(network_file_system({0x01021994, ""})) << "tmpfs";
    EXPECT_FALSE(network_file_system({0x794C7630, ""})) << "overlay";
    EXPECT_FALSE(network_file_system({0x01021997, ""})) << "9p";
    EXPECT_FALSE(network_file_system({fuse, "virtiofs"}));
    EXPECT_FALSE(network_file_system({fuse, "fuse.fuse-overlayfs"}));
    EXPECT_FALSE(network_file_system({fuse, "fuseblk"}));
    EXPECT_FALSE(network_file_system({fuse, ""})) << "not in the mount table";
}

TEST(FileSystemTest, FindsADeviceInTheMountTable) {
    const std::string table = "22 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw\n"
                              "36 22 0:32 / /mnt/a\\040b rw - fuse.sshfs host:/srv rw,user_id=0\n"
                              "37 22 0:3 / /proc rw - proc proc rw\n";
    EXPECT_EQ(mount_type(table, 254, 0), "ext4");
    EXPECT_EQ(mount_type(table, 0, 32), "fuse.sshfs");
    EXPECT_EQ(mount_type(table, 0, 3), "proc");
    EXPECT_EQ(mount_type(table, 0, 33), "");
    EXPECT_EQ(mount_type("", 0, 33), "");
}

TEST(FileSystemTest, KnowsTheFileSystemOfADirectory) {
    EXPECT_NE(file_system_of("/").magic, 0U);
    EXPECT_EQ(file_system_of("/proc").magic, 0x9FA0U);
}

TEST(FileSystemTest, AStateOnANetworkFileSystemIsRefusedBeforeAnythingIsMade) {
    const Scratch scratch;
    const Surroundings nfs{[](const std::filesystem::path&) { return FileSystem{0x6969, {}}; },
                           all_migrations()};
    const auto error = store_error([&] { open_sqlite_in(scratch.state_file(), nfs); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::unavailable);
    EXPECT_NE(std::string(error->what()).find("NFS"), std::string::npos);
    EXPECT_EQ(scratch.names(), "");
}

} // namespace
} // namespace medibridge::state::test
