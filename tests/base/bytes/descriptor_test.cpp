#include "base/bytes/descriptor.hpp"

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
        Descriptor first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
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

TEST(DescriptorTest, SaysThatItIsNotOpen) {
    EXPECT_FALSE(Descriptor().is_open());
    EXPECT_FALSE(Descriptor(-1).is_open());
}

} // namespace
} // namespace medibridge::base
