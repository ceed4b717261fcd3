#include "control/access.hpp"

#include "run_task.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <optional>
#include <pwd.h>

namespace medibridge::control {
namespace {

/// Debian's `nobody`, whose group is `nogroup`.
constexpr std::uint32_t nobody = 65534;
constexpr std::uint32_t own = 64000;
constexpr std::uint32_t unknown = 63999;

Person identify(std::uint32_t uid, std::vector<std::string> may_decide) {
    boost::asio::io_context io(1);
    Access access(own);
    return tests::run_task(
        io, access.identify(http::PeerCredentials{uid, uid, 1}, std::move(may_decide)));
}

TEST(Access, WithoutAListEverybodyMayDecide) {
    EXPECT_TRUE(identify(nobody, {}).may_decide);
    EXPECT_EQ(identify(nobody, {}).name, "nobody");
    EXPECT_EQ(identify(nobody, {}).uid, nobody);
}

TEST(Access, AListNamesUsersAndGroups) {
    EXPECT_TRUE(identify(nobody, {"daemon", "nobody"}).may_decide);
    EXPECT_TRUE(identify(nobody, {"nogroup"}).may_decide);
    EXPECT_FALSE(identify(nobody, {"daemon", "no-such-name", "root"}).may_decide);
}

TEST(Access, RootAndTheServicesUserAlwaysMay) {
    EXPECT_TRUE(identify(0, {"no-such-name"}).may_decide);
    EXPECT_TRUE(identify(own, {"no-such-name"}).may_decide);
}

TEST(Access, AUserWithoutANameIsKnownByTheNumberAlone) {
    const auto person = identify(unknown, {"63999"});
    EXPECT_EQ(person.name, "63999");
    EXPECT_FALSE(person.may_decide) << "a number is no name";
    EXPECT_TRUE(identify(unknown, {}).may_decide);
}

TEST(Access, ANameThatNobodyHasIsTold) {
    using testing::AllOf;
    using testing::HasSubstr;
    using testing::Not;
    EXPECT_EQ(unknown_deciders({}), "");
    EXPECT_EQ(unknown_deciders({"daemon", "nogroup"}), "") << "a user and a group";
    EXPECT_THAT(
        unknown_deciders({"daemon", "no-such-name"}),
        AllOf(HasSubstr("`no-such-name`"), Not(HasSubstr("daemon")), Not(HasSubstr("but root"))));
    EXPECT_THAT(unknown_deciders({"ROOT", "no-such-name"}),
                AllOf(HasSubstr("`ROOT`, `no-such-name`"), HasSubstr("but root")));
    boost::asio::io_context io(1);
    EXPECT_EQ(tests::run_task(io, find_unknown_deciders({"ROOT"})), unknown_deciders({"ROOT"}));
}

TEST(Access, WhoIsNotKnownMayNotDecide) {
    boost::asio::io_context io(1);
    Access access(own);
    const auto person = tests::run_task(io, access.identify(std::nullopt, {}));
    EXPECT_EQ(person.uid, -1);
    EXPECT_FALSE(person.may_decide);
}

} // namespace
} // namespace medibridge::control
