#include "base/bytes/descriptor.hpp"

#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>

namespace medibridge::base {
namespace {

bool is_open(int number) {
    return ::fcntl(number, F_GETFD) >= 0;
}

TEST(DescriptorTest, ClosesWhatItOwnsOnce) {
    int number = -1;
    {
        Descriptor first("/dev/null", O_RDONLY);
        ASSERT_TRUE(first.is_open());
        number = first.number();
        Descriptor second(std::move(first));
        EXPECT_TRUE(is_open(number));
        EXPECT_EQ(second.number(), number);
        Descriptor third;
        third = std::move(second);
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
}

TEST(DescriptorTest, IsNotInheritedByOtherPrograms) {
    const Descriptor file("/dev/null", O_RDONLY);
    EXPECT_EQ(::fcntl(file.number(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST(DescriptorTest, SaysThatItIsNotOpen) {
    const Descriptor file("/no/such/file", O_RDONLY);
    EXPECT_EQ(errno, ENOENT);
    EXPECT_FALSE(file.is_open());
}

} // namespace
} // namespace medibridge::base
