#include "base/files/hidden_user.hpp"

#include <gmock/gmock.h>

namespace medibridge::files {
namespace {

constexpr const char* of_the_machine = "         0          0 4294967295\n";
/// Of systemd's PrivateUsers=yes, for the user 998.
constexpr const char* of_private_users = "         0          0          1\n"
                                         "       998        998          1\n";
constexpr const char* of_a_container = "         0     100000      65536\n";

TEST(HiddenUser, IsWhoTheNamespaceDoesNotMap) {
    EXPECT_TRUE(is_hidden_user(overflow_user, of_private_users));
    for (const std::uint32_t mapped : {0u, 998u})
        EXPECT_FALSE(is_hidden_user(mapped, of_private_users)) << mapped;
    // Where `nobody` has the number, it may be nobody.
    EXPECT_FALSE(is_hidden_user(overflow_user, of_the_machine));
    EXPECT_FALSE(is_hidden_user(overflow_user, of_a_container));
}

TEST(HiddenUser, AnOwnerWhoCanBeSeenIsNamedByTheNumber) {
    EXPECT_EQ(owner_text(1001), "the user 1001");
}

} // namespace
} // namespace medibridge::files
