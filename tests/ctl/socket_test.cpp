#include "config/site.hpp"
#include "ctl/socket_api.hpp"
#include "ctl/socket_place.hpp"
#include "operator.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace medibridge::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct PlaceTest : testing::Test {
    TemporaryDirectory directory;
    std::filesystem::path file = directory.path() / "m.yaml";
    std::map<std::string, std::string> variables;

    auto places(const std::string& socket = {}) {
        return ctl::socket_places(socket, file,
                                  [this](const std::string& name) -> std::optional<std::string> {
                                      const auto found = variables.find(name);
                                      if (found == variables.end()) return std::nullopt;
                                      return found->second;
                                  });
    }
};

TEST_F(PlaceTest, TheCommandLineComesFirstAndNeedsNoConfiguration) {
    EXPECT_THAT(places("/x/y.sock").value(), ElementsAre("/x/y.sock"));
}

TEST_F(PlaceTest, ThenTheConfiguration) {
    write_file(file, "medicapp: {api_key: {credential: out-of-reach}}\n"
                     "control: {socket: /run/other.sock}\nstate: {path: /var/lib/m/state.db}\n");
    variables["RUNTIME_DIRECTORY"] = "/run/x";
    EXPECT_THAT(places().value(), ElementsAre("/run/other.sock"));
}

TEST_F(PlaceTest, ThenTheRuntimeDirectoryAndBesideTheState) {
    write_file(file, "state: {path: /var/lib/m/state.db}\n");
    EXPECT_THAT(places().value(), ElementsAre("/var/lib/m/control.sock"));
    variables["RUNTIME_DIRECTORY"] = "/run/x:/run/y";
    EXPECT_THAT(places().value(), ElementsAre("/run/x/control.sock", "/var/lib/m/control.sock"));
}

TEST_F(PlaceTest, OnlyTheDefaultConfigurationMeansTheServicesOwnPlace) {
    file = "/etc/medibridge/medibridge.yaml";
    if (std::filesystem::exists(file)) GTEST_SKIP() << "medibridge is configured here";
    EXPECT_THAT(places().value(), ElementsAre("/run/medibridge/control.sock"));
}

TEST_F(PlaceTest, ARunningSiteIsFoundWhateverItsConfigurationHasBecome) {
    file = "/etc/medibridge/no-such-site.yaml";
    EXPECT_THAT(places().value(), ElementsAre("/run/medibridge-no-such-site/control.sock"));
}

TEST_F(PlaceTest, AConfigurationThatCannotBeReadIsAMistake) {
    EXPECT_THAT(places().error(), HasSubstr("cannot be read: No such file"));
    write_file(file, "state: [\n");
    EXPECT_THAT(places().error(), HasSubstr("m.yaml:"));
    write_file(file, "log: {level: info}\n");
    EXPECT_THAT(places().error(), HasSubstr("neither control.socket nor state.path"));
    Operator person;
    EXPECT_EQ(person.type_bare({"--config", file.string(), "status"}).exit, 78);
}

TEST(UnreachableTest, SaysWhyAndWhatToDo) {
    Operator person;
    const auto absent = person.type_bare({"--socket", person.path("no.sock").string(), "status"});
    EXPECT_EQ(absent.exit, 75);
    EXPECT_THAT(absent.err, HasSubstr("no daemon listens at"));
    EXPECT_THAT(absent.err, HasSubstr("systemctl start medibridge"));

    write_file(person.path("file"), "");
    const auto file = person.type_bare({"--socket", person.path("file").string(), "status"});
    EXPECT_EQ(file.exit, 75);
    EXPECT_THAT(file.err, HasSubstr("is not a socket"));

    const auto left = person.path("left.sock");
    {
        const FakeDaemon gone(left);
    }
    const auto ended = person.type_bare({"--socket", left.string(), "status"});
    EXPECT_EQ(ended.exit, 75);
    EXPECT_THAT(ended.err, HasSubstr("the daemon has ended"));

    const auto longer = person.type_bare({"--socket", "/" + std::string(200, 'x'), "status"});
    EXPECT_EQ(longer.exit, 75);
    EXPECT_THAT(longer.err, HasSubstr("107 bytes"));
}

TEST(UnreachableTest, NamesTheGroupThatMay) {
    const TemporaryDirectory directory;
    const auto socket = directory.path() / "s";
    write_file(socket, "");
    // Where the tests are run by root, root's group is not theirs to name.
    if (getgid() == 0) ASSERT_EQ(chown(socket.c_str(), 0, 1), 0);
    const group* const own = getgrgid(getgid() == 0 ? 1 : getgid());
    ASSERT_NE(own, nullptr);
    const ctl::Groups nobodys;
    const auto text = ctl::unreachable_text({{"/nowhere", ENOENT}, {socket, EACCES}}, nobodys);
    EXPECT_THAT(text, HasSubstr("you may not open " + socket.string()));
    EXPECT_THAT(text, HasSubstr("the group " + std::string(own->gr_name)));
    EXPECT_THAT(text, HasSubstr("usermod -aG " + std::string(own->gr_name)));
}

TEST(UnreachableTest, TellsNobodyToBecomeAMemberOfRootsGroup) {
    const auto text = ctl::unreachable_text({{"/etc/nowhere/s", EACCES}}, ctl::Groups{});
    EXPECT_THAT(text, HasSubstr("you may not open /etc/nowhere/s: it is root's: use sudo"));
    EXPECT_THAT(text, Not(HasSubstr("usermod")));
}

TEST(UnreachableTest, TellsAMemberOfTheGroupWhatElseIsInTheWay) {
    const TemporaryDirectory directory;
    const auto socket = directory.path() / "s";
    write_file(socket, "");
    const unsigned own = getgid();
    const ctl::Groups late{{}, {own}};
    const auto earlier = ctl::unreachable_text({{socket, EACCES}}, late);
    EXPECT_THAT(earlier, HasSubstr("this session began before"));
    EXPECT_THAT(earlier, Not(HasSubstr("usermod")));
    const ctl::Groups member{{own}, {own}};
    EXPECT_THAT(ctl::unreachable_text({{socket, EACCES}}, member), HasSubstr("its mode must be"));
    EXPECT_THAT(ctl::unreachable_text({{directory.path() / "hidden" / "s", EACCES}}, member),
                HasSubstr("you may not look into " + directory.path().string()));
}

TEST(UnreachableTest, NamesTheUnitOfTheSite) {
    const auto asks_for = [](const char* socket, int error) {
        return ctl::unreachable_text({{socket, error}}, ctl::Groups{});
    };
    EXPECT_THAT(asks_for("/run/medibridge-north/control.sock", ENOENT),
                HasSubstr("systemctl start medibridge@north)"));
    EXPECT_THAT(asks_for("/run/medibridge-north/control.sock", ECONNREFUSED),
                HasSubstr("systemctl status medibridge@north`"));
    EXPECT_THAT(asks_for("/run/medibridge/control.sock", ENOENT),
                HasSubstr("systemctl start medibridge)"));
    EXPECT_EQ(config::service_unit("/etc/medibridge/medibridge.yaml"), "medibridge");
    EXPECT_EQ(config::service_unit("/etc/medibridge/north.yaml"), "medibridge@north");
    EXPECT_EQ(config::service_unit("/etc/medibridge/../medibridge/north.yaml"), "medibridge@north");
    EXPECT_EQ(config::service_unit("/home/ana/north.yaml"), "medibridge");
}

TEST(UnreachableTest, WithTheServiceStoppedAClosedFolderIsNotTheCause) {
    const TemporaryDirectory directory;
    const auto hidden = directory.path() / "state" / "control.sock";
    const auto text = ctl::unreachable_text(
        {{"/run/nowhere/control.sock", ENOENT}, {hidden, EACCES}}, ctl::Groups{});
    EXPECT_THAT(text, HasSubstr("no daemon listens at /run/nowhere/control.sock"));
    EXPECT_THAT(text, HasSubstr("systemctl start medibridge"));
    EXPECT_THAT(text, HasSubstr(hidden.string()));
    EXPECT_THAT(text, Not(HasSubstr("usermod")));
}

TEST(SocketPlacesTest, APathThatIsTooLongIsAMistakeOfTheConfiguration) {
    Operator person;
    const std::string longer = "/run/" + std::string(120, 'x') + "/control.sock";
    const auto file = person.path("medibridge.yaml");
    for (const auto& text :
         {"control: {socket: " + longer + "}\nstate: {path: /var/lib/m/state.db}\n",
          "state: {path: /run/" + std::string(120, 'x') + "/state.db}\n"}) {
        write_file(file, text);
        const auto refused = person.type_bare({"--config", file.string(), "status"});
        EXPECT_EQ(refused.exit, 78) << refused.err;
        EXPECT_THAT(refused.err, HasSubstr("allows 107"));
        EXPECT_THAT(refused.err, HasSubstr("control.socket"));
    }
}

TEST(UnreachableTest, WhatIsNotMedibridgeIsNotBelieved) {
    Operator person;
    for (const std::string& raw :
         {std::string("220 smtp.example.org ESMTP\r\n"), std::string("HTTP/1.1 200 OK\r\n\r\n"),
          std::string("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"),
          std::string("HTTP/1.1 404 No\r\nContent-Length: 16\r\n\r\n{\"message\":\"no\"}"),
          std::string("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"cut\":"),
          std::string("\0\x1b[2J\xff", 6)}) {
        person.daemon.answer("GET /v1/status", Reply{200, "", {}, raw, false});
        const auto seen = person.type({"status", "--output", "json"});
        EXPECT_EQ(seen.exit, 75) << raw;
        EXPECT_THAT(seen.out, testing::StartsWith(R"({"error":{"code":"unavailable")")) << raw;
    }
}

TEST(SocketApiTest, GivesUpWhereNothingComes) {
    using std::chrono::milliseconds;
    // The status takes no work: a service that hangs is not waited for as a long cycle is.
    const ctl::Patience of_status{milliseconds(1000), std::chrono::hours(1), milliseconds(100)};
    const ctl::Patience of_work{milliseconds(1000), milliseconds(100), std::chrono::hours(1)};
    for (const auto& [target, patience] :
         {std::pair("/v1/status", of_status), std::pair("/v1/held", of_work)}) {
        Operator person;
        person.daemon.answer(std::string("GET ") + target, Reply{200, "", {}, {}, true});
        ctl::SocketApi api({person.socket()}, patience);
        try {
            api.call("GET", target, "", {});
            FAIL() << target;
        } catch (const ctl::Unreachable& failure) {
            EXPECT_THAT(failure.what(), HasSubstr("does not answer in time")) << target;
        }
    }
}

TEST(SocketApiTest, ReadsAStreamLineByLine) {
    Operator person;
    Reply stream;
    stream.lines = {R"({"progress":{"n":1}})", R"({"progress":{"n":2}})",
                    R"({"result":{"big":")" + std::string(100'000, 'x') + R"("}})"};
    person.daemon.answer("POST /v1/cycles", stream);
    ctl::SocketApi api({person.path("absent"), person.socket()});
    std::vector<std::string> heard;
    const auto answer = api.call("POST", "/v1/cycles", "{}",
                                 [&](std::string_view line) { heard.emplace_back(line); });
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.json.size(), 100'010u);
    EXPECT_THAT(heard, ElementsAre(R"({"n":1})", R"({"n":2})"));
}

} // namespace
} // namespace medibridge::tests
