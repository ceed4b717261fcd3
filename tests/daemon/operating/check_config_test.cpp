#include "tests/daemon/hospital.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A configuration is looked at by hand, or by systemd before the service reloads.
namespace medibridge::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class CheckConfigTest : public testing::Test {
  protected:
    CheckConfigTest() {
        std::string key = "api_key: {";
        auto text = read_file(hospital.config());
        const auto begin = text.find(key);
        EXPECT_NE(begin, std::string::npos) << text;
        const auto end = text.find('}', begin);
        text.replace(begin, end + 1 - begin, key + "credential: medicapp-api-key}");
        write_file(hospital.config(), text);
        std::filesystem::create_directory(credentials);
    }

    /// The program by hand; `shell` comes before it, on the same line.
    std::unique_ptr<Child> run(const std::string& arguments, const std::string& shell = "") {
        const auto line = shell + " exec " + MEDIBRIDGED + " --config " +
                          hospital.config().string() + " " + arguments;
        auto child = std::make_unique<Child>(std::vector<std::string>{"/bin/sh", "-c", line},
                                             hospital.directory());
        exit = child->wait();
        return child;
    }

    Hospital hospital{{"--patients", "2"}};
    const std::filesystem::path credentials = hospital.directory() / "credentials";
    const std::filesystem::path journal = hospital.directory() / "journal";
    /// What systemd sets where stderr is the journal.
    const std::string to_journal = "exec 2>" + journal.string() +
                                   "; JOURNAL_STREAM=$(stat -c %d:%i " + journal.string() +
                                   "); export JOURNAL_STREAM;";
    int exit = -1;
};

TEST_F(CheckConfigTest, ACredentialOfSystemdsIsNoMistakeByHand) {
    const auto checked = run("--check-config");
    EXPECT_EQ(exit, 0) << checked->err();
    EXPECT_THAT(checked->err(), IsEmpty());
    EXPECT_THAT(checked->out(), HasSubstr("`medicapp.api_key`: the credential named here cannot be "
                                          "read: $CREDENTIALS_DIRECTORY is not set"));
    EXPECT_THAT(checked->out(), HasSubstr(": not checked here\n"));
    EXPECT_THAT(checked->out(), HasSubstr(": no mistakes\n"));
    EXPECT_THAT(checked->out(),
                HasSubstr("sudo env CREDENTIALS_DIRECTORY=/etc/medibridge/credentials medibridged "
                          "--check-config --config " +
                          hospital.config().string() + "\n"));
    EXPECT_THAT(run("--print-config")->out(), HasSubstr("credential: medicapp-api-key"));
    EXPECT_EQ(exit, 0);

    const auto started = run("--once");
    EXPECT_EQ(exit, 78) << "nothing works without it";
    EXPECT_THAT(started->err(), HasSubstr("$CREDENTIALS_DIRECTORY is not set"));
    const auto absent = run("--check-config", "CREDENTIALS_DIRECTORY=" + credentials.string() +
                                                  "; export CREDENTIALS_DIRECTORY;");
    EXPECT_EQ(exit, 78) << absent->out();
    EXPECT_THAT(absent->err(), HasSubstr("No such file"));

    hospital.configure("stat: {}");
    const auto mistaken = run("--check-config");
    EXPECT_EQ(exit, 78);
    EXPECT_THAT(mistaken->err(), HasSubstr("unknown key `stat`"));
    EXPECT_THAT(mistaken->err(), Not(HasSubstr("CREDENTIALS_DIRECTORY")))
        << "a mistake that is none";
}

TEST_F(CheckConfigTest, InTheJournalAMistakeHasItsLevel) {
    hospital.configure("stat: {}");
    run("", to_journal);
    EXPECT_EQ(exit, 78);
    const auto started = read_file(journal);
    EXPECT_THAT(started, StartsWith("<3>"));
    EXPECT_THAT(started, HasSubstr("\n<3>" + hospital.config().string() + ":"));
    EXPECT_THAT(run("")->err(), Not(HasSubstr("<3>"))) << "a person reads it";
    run("--no-such-option", to_journal);
    EXPECT_EQ(exit, 64);
    EXPECT_THAT(read_file(journal), StartsWith("<3>"));
}

TEST_F(CheckConfigTest, AReloadThatSystemdRefusesIsLogged) {
    const std::string check = "--check-config --skip-credentials";
    const std::string by_systemd = "MAINPID=1; export MAINPID;";
    EXPECT_EQ(run(check, by_systemd)->err(), "") << "it is as it should be";
    EXPECT_EQ(exit, 0);
    hospital.configure("stat: {}\nstut: {}");
    const auto said = run(check, by_systemd)->err();
    EXPECT_EQ(exit, 78);
    EXPECT_THAT(said, HasSubstr("\"config.refused\""));
    EXPECT_THAT(said, HasSubstr("(and 1 more)"));
    EXPECT_THAT(run(check)->err(), Not(HasSubstr("config.refused")))
        << "by hand nothing is refused";
}

} // namespace
} // namespace medibridge::tests
