#include "base/bytes/locked.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace medibridge::base {
namespace {

TEST(LockedTest, IsAlignedForEveryTypeAndHoldsWhatIsPutThere) {
    for (std::size_t size = 1; size < 100; ++size) {
        const LockedBytes bytes(size, 'x');
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::max_align_t), 0u);
        EXPECT_EQ(std::string(bytes.begin(), bytes.end()), std::string(size, 'x'));
    }
}

TEST(LockedTest, WhereNoMemoryMayBeLockedItIsThereAllTheSame) {
    const pid_t child = ::fork();
    if (child == 0) {
        constexpr rlimit none{0, 0};
        const bool limited = ::setrlimit(RLIMIT_MEMLOCK, &none) == 0;
        if (::geteuid() == 0 && ::setresuid(12345, 12345, 12345) != 0) ::_exit(2);
        const LockedBytes bytes(32, 'x');
        ::_exit(limited && bytes[31] == 'x' ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST(LockedTest, SharedObjectsFit) {
    struct Key {
        std::uint64_t number = 7;
    };
    const auto key = std::allocate_shared<Key>(LockedAllocator<Key>());
    EXPECT_EQ(key->number, 7u);
}

TEST(LockedTest, ADumpOfTheProcessIsGivenUp) {
    const pid_t child = ::fork();
    if (child == 0) {
        keep_memory_private();
        rlimit core{1, 1};
        ::getrlimit(RLIMIT_CORE, &core);
        ::_exit(::prctl(PR_GET_DUMPABLE) == 0 && core.rlim_cur == 0 && core.rlim_max == 0 ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

} // namespace
} // namespace medibridge::base
