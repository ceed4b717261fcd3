#include "operator.hpp"

#include "ctl/arguments.hpp"
#include "ctl/completion.hpp"
#include "reconcile/hold.hpp"

#include <cstdlib>
#include <gmock/gmock.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

namespace medibridge::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string source_file(const std::string& name) {
    return read_file(std::filesystem::path(MEDIBRIDGE_SOURCE_DIR) / name);
}

/// What the program prints on a terminal of 60 columns.
std::string on_terminal(const std::vector<std::string>& words, const char* no_color) {
    const winsize size{24, 60, 0, 0};
    int terminal = -1;
    const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
    if (child == 0) {
        setenv("TERM", "xterm", 1);
        no_color != nullptr ? setenv("NO_COLOR", no_color, 1) : unsetenv("NO_COLOR");
        std::vector<char*> argv;
        for (const std::string& word : words)
            argv.push_back(const_cast<char*>(word.c_str()));
        argv.push_back(nullptr);
        execv(argv[0], argv.data());
        _exit(127);
    }
    std::string text;
    std::array<char, 4096> piece{};
    for (auto count = read(terminal, piece.data(), piece.size()); count > 0;
         count = read(terminal, piece.data(), piece.size()))
        text.append(piece.data(), static_cast<std::size_t>(count));
    waitpid(child, nullptr, 0);
    close(terminal);
    return text;
}

TEST(ProgramTest, KnowsItsTerminal) {
    Operator person;
    person.daemon.answer("GET /v1/status", source_file("tests/ctl/texts/status.json"));
    const std::vector<std::string> words{MEDIBRIDGECTL, "--socket", person.socket(), "status"};
    EXPECT_THAT(on_terminal(words, nullptr), HasSubstr("\x1b[31mDOWN\x1b[0m"));
    EXPECT_THAT(on_terminal(words, ""), HasSubstr("\x1b[31m"));
    const std::string plain = on_terminal(words, "1");
    EXPECT_THAT(plain, HasSubstr("DOWN"));
    EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
    EXPECT_THAT(plain,
                HasSubstr("/srv/drop/rejected,\r\n  the newest since")); // broken at its width
}

TEST(ProgramTest, WritesPlainTextElsewhere) {
    Operator person;
    person.daemon.answer("GET /v1/status", source_file("tests/ctl/texts/status.json"));
    const TemporaryDirectory directory;
    Child program({MEDIBRIDGECTL, "status", "--socket", person.socket()}, directory.path());
    EXPECT_EQ(program.wait(), 0);
    EXPECT_THAT(program.out(), Not(HasSubstr("\x1b")));
    EXPECT_THAT(program.out(), HasSubstr("connection refused by his.local:80"));
    EXPECT_EQ(program.err(), "");
}

TEST(ProgramTest, TellsEveryMistakeAsOneObject) {
    Operator person;
    const std::vector<std::vector<std::string>> mistakes{
        {"foo"},
        {},
        {"held", "foo"},
        {"held", "show"},
        {"held", "list", "--reason", "foo"},
        {"why", "1", "--socket", "a", "--socket", "b"},
        {"audit", "--limit", "0"},
        {"accept-changes", "--expect", "0"},
        {"held", "link", "Z1"},
        {"held", "retry"}};
    for (const auto& mistake : mistakes) {
        auto words = mistake;
        words.insert(words.begin(), {"--output", "json"});
        const auto seen = person.type_bare(words);
        EXPECT_EQ(seen.exit, 64) << testing::PrintToString(words);
        EXPECT_THAT(seen.out, testing::StartsWith(R"({"error":{"code":"usage","message":")"))
            << testing::PrintToString(words);
        EXPECT_THAT(seen.out, testing::EndsWith("\"exit\":64}}\n"));
        EXPECT_NE(seen.err, "");
        EXPECT_LT(seen.err.size(), 600U) << seen.err;
    }
    EXPECT_THAT(person.type_bare({"foo"}).err, HasSubstr("no command `foo`; commands: status, "));
    EXPECT_THAT(person.type_bare({"status", "--output", "xml"}).err,
                HasSubstr("--output: `xml` is neither text nor json"));
    EXPECT_THAT(person.type_bare({"held", "foo"}).err, HasSubstr("no command `held foo`"));
    EXPECT_THAT(person.type_bare({"accept-changes", "--expect", "0"}).err, HasSubstr("1 or more"));
    EXPECT_EQ(person.type_bare({"foo"}).out, "");
}

/// A script whose variable is not set means something else than to leave the option out.
TEST(ProgramTest, TakesNoEmptyArgument) {
    Operator person;
    const std::vector<std::vector<std::string>> words{
        {"pause", "--until", ""},
        {"pause", "--until="},
        {"audit", "--since", ""},
        {"audit", "--patient", " "},
        {"events", "--unit", ""},
        {"sync", "--source", ""},
        {"held", "retry", "--search", ""},
        {"held", "list", "--source", ""},
        {"held", "ignore", "7", "--reason", ""},
        {"held", "update", "7", "--token", "", "--yes"},
        {"held", "retry", "7", ""},
        {"held", "link", "7", ""},
        {"why", ""},
        {"erase", "\t"},
        {"backup", ""},
        {"key", "rotate", "--new-key", ""},
        {"status", "--socket", ""},
        {"status", "--config", ""}};
    for (const auto& given : words) {
        const auto seen = person.type_bare(given);
        EXPECT_EQ(seen.exit, 64) << testing::PrintToString(given);
        EXPECT_THAT(seen.err, HasSubstr("is empty")) << testing::PrintToString(given);
    }
    EXPECT_THAT(person.daemon.requests(), testing::IsEmpty());
}

TEST(ProgramTest, FailsWhereItsOutputCannotBeWritten) {
    const TemporaryDirectory directory;
    for (const char* words : {"completion bash > /dev/full", "--output json foo > /dev/full"}) {
        Child program({"/bin/sh", "-c", std::string(MEDIBRIDGECTL) + " " + words},
                      directory.path());
        EXPECT_NE(program.wait(), 0);
        EXPECT_THAT(program.err(), HasSubstr("could not be written completely"));
    }
    Child closed(
        {"/bin/bash", "-c",
         "exec 3> >(exec true); wait $!; " + std::string(MEDIBRIDGECTL) + " completion bash >&3"},
        directory.path());
    EXPECT_EQ(closed.wait(), 0);
    EXPECT_EQ(closed.err(), "");
}

/// A journalctl that shows what it was asked, and two lines.
struct EventsTest : testing::Test {
    Operator person;
    TemporaryDirectory directory;

    void journal(const std::string& script) {
        write_file(directory.path() / "journalctl", "#!/bin/sh\n" + script + "\n");
        std::filesystem::permissions(directory.path() / "journalctl",
                                     std::filesystem::perms::owner_all);
        path = std::string(getenv("PATH"));
        setenv("PATH", (directory.path().string() + ":" + path).c_str(), 1);
    }
    void TearDown() override {
        if (!path.empty()) setenv("PATH", path.c_str(), 1);
    }
    std::string path;
};

TEST_F(EventsTest, AreReadable) {
    journal(
        R"(echo "$@"; echo '{"ts":"2026-11-28T17:59:30.120Z","level":"info","event":"cycle.finished","msg":"complete","created":3}')");
    const auto seen = person.type_bare({"events", "--limit", "5"});
    EXPECT_EQ(seen.exit, 0) << seen.err;
    EXPECT_EQ(seen.out,
              "--no-pager --output cat --unit medibridge --unit medibridge-once --lines 5\n"
              "2026-11-28T17:59:30Z  info   cycle.finished        complete  created=3\n");
    EXPECT_THAT(person.type_bare({"events", "--since", "2h", "--follow"}).out,
                HasSubstr("--since @1795881600 --follow"));
}

TEST_F(EventsTest, AreOfOneUnitWhereOneIsNamed) {
    journal(R"(echo "$@")");
    EXPECT_THAT(person.type_bare({"events", "--unit", "medibridge"}).out,
                HasSubstr("--unit medibridge --lines"));
    EXPECT_THAT(person.type_bare({"events", "--config", "/etc/medibridge/north.yaml"}).out,
                HasSubstr("--unit medibridge@north --lines"));
}

TEST_F(EventsTest, AreJsonLinesToo) {
    journal(R"(printf '%s\n' '{"event":"a"}' 'plain words')");
    EXPECT_EQ(person.type_bare({"events", "--output", "json"}).out,
              "{\"event\":\"a\"}\n{\"msg\":\"plain words\"}\n");
}

TEST_F(EventsTest, ThatCannotBeReadSaySo) {
    journal("exit 1");
    const auto seen = person.type_bare({"events"});
    EXPECT_EQ(seen.exit, 75);
    EXPECT_THAT(seen.err, HasSubstr("systemd-journal"));
}

TEST_F(EventsTest, ThatTheJournalDoesNotHaveAreNotTakenForNone) {
    journal("exit 0");
    const auto seen = person.type_bare({"events", "--unit", "medibridge@north"});
    EXPECT_EQ(seen.exit, 75);
    EXPECT_THAT(seen.err, HasSubstr("nothing of medibridge@north"));
    EXPECT_THAT(seen.err, HasSubstr("stderr"));
}

TEST_F(EventsTest, OfAQuietHourAreNone) {
    journal(R"(case "$*" in *--since*) ;; *) echo '{"event":"a"}' ;; esac)");
    const auto seen = person.type_bare({"events", "--since", "2h"});
    EXPECT_EQ(seen.exit, 0) << seen.err;
    EXPECT_EQ(seen.out, "");
}

TEST(WatchTest, ShowsTheStatusUntilTheDaemonEnds) {
    Operator person;
    person.daemon.answer("GET /v1/status", source_file("tests/ctl/texts/status_first.json"));
    Child program({MEDIBRIDGECTL, "status", "--watch", "--socket", person.socket()},
                  person.path("."));
    wait_until(program, [&] { return person.daemon.requests().size() >= 2; });
    program.signal(SIGTERM);
    program.wait();
    EXPECT_THAT(program.out(), HasSubstr("no cycle has ended yet"));
}

TEST(CompletionTest, NamesEveryCommandAndOption) {
    for (const std::string shell : {"bash", "zsh", "fish"}) {
        const std::string text = ctl::completion(shell);
        for (const auto& command : ctl::command_words()) {
            EXPECT_THAT(text, HasSubstr(command.path.substr(command.path.rfind(' ') + 1))) << shell;
            for (const auto& option : command.options)
                EXPECT_THAT(
                    text, HasSubstr(shell == "fish" ? "-l " + option.name.substr(2) : option.name))
                    << shell;
        }
    }
}

/// What bash offers after these words.
std::string completed(const std::string& words, int at) {
    const TemporaryDirectory directory;
    write_file(directory.path() / "c", ctl::completion("bash"));
    Child bash({"/bin/bash", "-c",
                "source " + (directory.path() / "c").string() + "; COMP_WORDS=(" + words +
                    "); COMP_CWORD=" + std::to_string(at) +
                    "; _medibridgectl_words; echo ${COMPREPLY[*]}"},
               directory.path());
    EXPECT_EQ(bash.wait(), 0) << bash.err();
    EXPECT_EQ(bash.err(), "");
    return bash.out();
}

TEST(CompletionTest, WorksInBash) {
    EXPECT_THAT(completed("medibridgectl ''", 1), HasSubstr("status why find"));
    EXPECT_EQ(completed("medibridgectl held l", 2), "list link\n");
    EXPECT_EQ(completed("medibridgectl --yes held list --reason div", 5), "divergence\n");
    EXPECT_EQ(completed("medibridgectl held list --output j", 4), "json\n");
    EXPECT_EQ(completed("medibridgectl sync --fu", 2), "--full\n");
}

/// `\-` is how a man page writes a hyphen that is typed.
std::string unescaped(std::string page) {
    for (auto at = page.find("\\-"); at != std::string::npos; at = page.find("\\-", at))
        page.erase(at, 1);
    return page;
}

TEST(DocumentationTest, NamesEveryCommandAndOption) {
    const std::string page = unescaped(source_file("docs/man/medibridgectl.1"));
    const std::string guide = source_file("docs/operating.md");
    for (const auto& command : ctl::command_words()) {
        if (!command.has_commands) {
            EXPECT_THAT(page, HasSubstr(".B " + command.path + "\n"));
            EXPECT_THAT(guide, HasSubstr("medibridgectl " + command.path));
        }
        for (const auto& option : command.options)
            EXPECT_THAT(page, HasSubstr(option.name)) << command.path;
    }
}

TEST(DocumentationTest, ExplainsEveryHoldReason) {
    const std::string guide = source_file("docs/operating.md");
    for (int i = 0; i <= static_cast<int>(reconcile::HoldReason::altered_in_state); ++i) {
        const std::string reason(reconcile::name(static_cast<reconcile::HoldReason>(i)));
        EXPECT_THAT(guide, HasSubstr("### " + reason + "\n"));
        EXPECT_THAT(ctl::completion("bash"), HasSubstr(reason));
    }
}

} // namespace
} // namespace medibridge::tests
