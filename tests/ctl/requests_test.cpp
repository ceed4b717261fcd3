#include "operator.hpp"

#include "ctl/arguments.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <sys/stat.h>

namespace medibridge::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// Each command, and what it asks the daemon for.
struct Case {
    std::vector<std::string> words;
    std::vector<std::string> requests;
};

class RequestTest : public testing::TestWithParam<Case> {};

const char* const cycle =
    R"({"outcome":"complete","created":1,"updated":0,"linked":0,"unchanged":0,"held":0,"deferred":0})";

void give_answers(FakeDaemon& daemon) {
    daemon.answer("GET /v1/held/7", R"({"id":"7","token":"t0"})");
    daemon.answer("GET /v1/held/8", R"({"id":"8","token":"t8"})");
    for (const char* const id : {"7", "8", "a%2Fb%20%C3%A9"})
        daemon.answer("POST /v1/held/" + std::string(id) + "/decision",
                      R"({"id":"7","decision":"x","result":"applied","reason":null})");
    daemon.answer("GET /v1/held?reason=divergence",
                  R"({"held":[{"id":"7","kind":"decide","decisions":["update"]},
                      {"id":"8","kind":"decide","decisions":["link"]}]})");
    daemon.answer("POST /v1/cycles", Reply{200,
                                           "",
                                           {R"({"progress":{"created":1}})",
                                            std::string(R"({"result":)") + cycle + "}"},
                                           {},
                                           false});
    daemon.answer("POST /v1/plans", R"({"plan":{"made_at":"2026-11-28T17:00:00Z","items":[]}})");
    daemon.answer("GET /v1/patients/7/erasure",
                  R"({"external_id":"7","patient":{},"records":3,"token":"e"})");
    daemon.answer("POST /v1/patients/7/erasure", R"({"external_id":"7","result":"applied"})");
    daemon.answer("GET /v1/audit/verification", R"({"intact":true,"lines":4})");
    for (const char* const plain :
         {"GET /v1/status", "GET /v1/held", "GET /v1/guard", "GET /v1/doctor", "POST /v1/probe",
          "POST /v1/probe/sentinel", "POST /v1/resume", "POST /v1/pause", "POST /v1/backup",
          "GET /v1/patients/7", "GET /v1/patients?search=L%C3%89A%20B", "GET /v1/pseudonyms/7",
          "GET /v1/audit?limit=200",
          "GET "
          "/v1/held?reason=invalid&source=dpi&since=2026-11-25T18%3A00%3A00Z&search=80&kind=decide",
          "GET /v1/audit?since=2026-11-28T00%3A00%3A00Z&patient=7&actor=ana&limit=5"})
        daemon.answer(plain, "{}");
}

TEST_P(RequestTest, TheCommandAsksForWhatItSays) {
    Operator person;
    give_answers(person.daemon);
    auto words = GetParam().words;
    for (std::string& word : words)
        if (word == "NEW") word = person.path("plan.json").string();
    words.emplace_back("--yes");
    const auto seen = person.type(words);
    EXPECT_THAT(person.daemon.requests(), testing::ElementsAreArray(GetParam().requests))
        << seen.out << seen.err;
    EXPECT_THAT(seen.err, testing::Not(HasSubstr("no such thing")));
}

INSTANTIATE_TEST_SUITE_P(
    Commands, RequestTest,
    testing::Values(
        Case{{"status"}, {"GET /v1/status"}}, Case{{"why", "7"}, {"GET /v1/patients/7"}},
        Case{{"find", "LÉA B"}, {"GET /v1/patients?search=L%C3%89A%20B"}},
        Case{{"pseudonym", "7"}, {"GET /v1/pseudonyms/7"}}, Case{{"doctor"}, {"GET /v1/doctor"}},
        Case{{"probe"}, {"POST /v1/probe"}},
        Case{{"probe", "--with-sentinel"}, {"POST /v1/probe/sentinel"}},
        Case{{"guard", "show"}, {"GET /v1/guard"}}, Case{{"audit"}, {"GET /v1/audit?limit=200"}},
        Case{{"audit", "--since", "2026-11-28", "--patient", "7", "--actor", "ana", "--limit", "5"},
             {"GET /v1/audit?since=2026-11-28T00%3A00%3A00Z&patient=7&actor=ana&limit=5"}},
        Case{{"audit", "--verify"}, {"GET /v1/audit/verification"}},
        Case{{"held", "list"}, {"GET /v1/held"}},
        Case{{"held", "list", "--reason", "invalid", "--source", "dpi", "--since", "3d", "--search",
              "80", "--kind", "decide"},
             {"GET /v1/held?reason=invalid&source=dpi&since=2026-11-25T18%3A00%3A00Z&search=80&"
              "kind=decide"}},
        Case{{"held", "show", "7"}, {"GET /v1/held/7"}},
        Case{{"held", "retry", "7"}, {R"(POST /v1/held/7/decision {"decision":"retry"})"}},
        Case{{"held", "retry", "7", "8"},
             {R"(POST /v1/held/7/decision {"decision":"retry"})",
              R"(POST /v1/held/8/decision {"decision":"retry"})"}},
        Case{{"held", "retry", "a/b é"},
             {R"(POST /v1/held/a%2Fb%20%C3%A9/decision {"decision":"retry"})"}},
        Case{{"held", "link", "7", "m1", "--token", "t1"},
             {R"(POST /v1/held/7/decision {"decision":"link","medicapp_id":"m1","token":"t1"})"}},
        Case{{"held", "link", "7", "m1"},
             {"GET /v1/held/7",
              R"(POST /v1/held/7/decision {"decision":"link","medicapp_id":"m1","token":"t0"})"}},
        Case{{"held", "create", "7", "--token", "t1"},
             {R"(POST /v1/held/7/decision {"decision":"create","token":"t1"})"}},
        Case{{"held", "update", "--reason", "divergence"},
             {"GET /v1/held?reason=divergence", "GET /v1/held/7",
              R"(POST /v1/held/7/decision {"decision":"update","token":"t0"})"}},
        Case{{"held", "ignore", "7", "--reason", "known twins"},
             {R"(POST /v1/held/7/decision {"decision":"ignore","reason":"known twins"})"}}));

INSTANTIATE_TEST_SUITE_P(
    Cycles, RequestTest,
    testing::Values(
        Case{{"sync"}, {R"(POST /v1/cycles {"full":false,"dry_run":false})"}},
        Case{{"sync", "--full", "--dry-run", "--source", "dpi"},
             {R"(POST /v1/cycles {"full":true,"dry_run":true,"source":"dpi"})"}},
        Case{{"accept-mapping"}, {R"(POST /v1/cycles {"full":true,"accept":{"mapping":true}})"}},
        Case{{"accept-rewind"}, {R"(POST /v1/cycles {"full":true,"accept":{"rewind":true}})"}},
        Case{{"accept-changes", "--expect", "1055"},
             {R"(POST /v1/cycles {"full":false,"accept":{"changes":1055}})"}},
        Case{{"pause"}, {R"(POST /v1/pause {"until":null})"}},
        Case{{"pause", "--until", "2h"}, {R"(POST /v1/pause {"until":"2026-11-28T20:00:00Z"})"}},
        Case{{"resume"}, {"POST /v1/resume"}},
        Case{{"plan", "save", "NEW", "--full"}, {R"(POST /v1/plans {"full":true})"}},
        Case{{"erase", "7"},
             {"GET /v1/patients/7/erasure",
              R"(POST /v1/patients/7/erasure {"token":"e","records":3})"}},
        Case{{"backup", "/nonexistent/state.db"},
             {R"(POST /v1/backup {"file":"/nonexistent/state.db"})"}}));

TEST(AuditTest, IsExportedCompletelyWhateverItsLength) {
    Operator person;
    std::string lines;
    for (int id = 1; id <= 10'000; ++id)
        lines += (id == 1 ? "" : ",") + std::string("{\"id\":") + std::to_string(id) + "}";
    person.daemon.answer("GET /v1/audit?limit=10000&after=0", "{\"audit\":[" + lines + "]}");
    person.daemon.answer("GET /v1/audit?limit=10000&after=10000", R"({"audit":[{"id":10001}]})");
    const auto seen = person.type({"audit", "--output", "json"});
    EXPECT_EQ(std::ranges::count(seen.out, '\n'), 10'001);
    EXPECT_THAT(seen.out, testing::EndsWith("{\"id\":10001}\n"));
}

TEST(OptionsTest, MayStandBeforeOrAfterTheCommand) {
    Operator person;
    person.daemon.answer("GET /v1/held", R"({"held":[],"to_decide":0,"excluded":0})");
    const std::string expected = "{\"held\":[],\"to_decide\":0,\"excluded\":0}\n";
    EXPECT_EQ(person.type({"--output", "json", "held", "list"}).out, expected);
    EXPECT_EQ(person.type({"held", "--output", "json", "list"}).out, expected);
    EXPECT_EQ(person.type({"held", "list", "--output", "json"}).out, expected);
    EXPECT_EQ(person.type_bare({"held", "list", "--socket", person.socket(), "--output=json"}).out,
              expected);
}

TEST(OptionsTest, AnIdentifierIsTakenAsItStands) {
    for (const std::string id : {"[7]", "status", "held", "007", "a,b", "{x}", "%41"}) {
        Operator person;
        person.type({"held", "retry", id, "--output", "json", "--yes"});
        ASSERT_EQ(person.daemon.requests().size(), 1u) << id;
        const std::string request = person.daemon.requests()[0];
        std::string encoded;
        for (const char c : id) {
            std::ostringstream digits;
            if (std::isalnum(static_cast<unsigned char>(c)) != 0)
                digits << c;
            else
                digits << '%' << std::uppercase << std::hex << static_cast<int>(c);
            encoded += digits.str();
        }
        EXPECT_THAT(request, HasSubstr("/v1/held/" + encoded + "/decision"));
    }
}

class DecisionTest : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(DecisionTest, IsShownAndConfirmedOnATerminal) {
    for (const bool json : {false, true}) {
        Operator person;
        give_answers(person.daemon);
        person.at_terminal = true;
        auto words = GetParam();
        if (json) words.insert(words.end(), {"--output", "json"});
        person.answers = "n\n";
        EXPECT_EQ(person.type(words).exit, 65);
        EXPECT_THAT(person.daemon.requests(),
                    testing::ElementsAre("GET /v1/decider", "GET /v1/held/7"));
        person.answers = "y\n";
        const auto seen = person.type(words);
        EXPECT_EQ(seen.exit, 0) << seen.err;
        EXPECT_THAT(seen.err, HasSubstr(words[1] + " 7"));
        EXPECT_THAT(json ? seen.err : seen.out, HasSubstr("7  held"));
        EXPECT_THAT(person.daemon.requests().back(), HasSubstr(R"("token":"t0")"));
    }
}

TEST_P(DecisionTest, WithATokenAsksNobody) {
    Operator person;
    give_answers(person.daemon);
    auto words = GetParam();
    words.insert(words.end(), {"--token", "t1"});
    EXPECT_EQ(person.type(words).exit, 0);
    ASSERT_EQ(person.daemon.requests().size(), 1u);
    EXPECT_THAT(person.daemon.requests()[0], HasSubstr(R"("token":"t1")"));
}

TEST_P(DecisionTest, IsRefusedInAScriptThatSaysNeither) {
    Operator person;
    give_answers(person.daemon);
    const auto seen = person.type(GetParam());
    EXPECT_EQ(seen.exit, 64);
    EXPECT_THAT(seen.err, testing::AllOf(HasSubstr("--yes"), HasSubstr("--token")));
    EXPECT_THAT(person.daemon.requests(), testing::ElementsAre("GET /v1/decider"));
}

TEST_P(DecisionTest, IsRefusedBeforeAQuestionToWhoMayNotDecide) {
    for (const bool at_terminal : {false, true}) {
        Operator person;
        give_answers(person.daemon);
        person.at_terminal = at_terminal;
        person.answers = "y\n";
        person.daemon.answer(
            "GET /v1/decider",
            Reply{403,
                  R"({"error":{"code":"forbidden","message":"may look","exit":77}})",
                  {},
                  {},
                  false});
        const auto seen = person.type(GetParam());
        EXPECT_EQ(seen.exit, 77);
        EXPECT_EQ(seen.err, "medibridgectl: may look\n");
        EXPECT_THAT(person.daemon.requests(), testing::ElementsAre("GET /v1/decider"));
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, DecisionTest,
                         testing::ValuesIn(std::vector<std::vector<std::string>>{
                             {"held", "retry", "7"},
                             {"held", "link", "7", "m1"},
                             {"held", "create", "7"},
                             {"held", "update", "7"},
                             {"held", "ignore", "7"}}));

TEST(BackupTest, SaysWhichFolderIsMeant) {
    Operator person;
    person.daemon.answer("POST /v1/backup", "{}");
    const auto file = person.path("saved.db");
    struct stat folder{};
    ASSERT_EQ(::stat(file.parent_path().c_str(), &folder), 0);
    EXPECT_EQ(person.type({"backup", file.string()}).exit, 0);
    EXPECT_EQ(person.daemon.requests().back(),
              R"(POST /v1/backup {"file":")" + file.string() + R"(","folder":")" +
                  std::to_string(folder.st_dev) + ":" + std::to_string(folder.st_ino) + "\"}");
}

/// The state's key is beside the state, in a file that this user may read.
class FormerKeyTest : public testing::Test {
  protected:
    FormerKeyTest() {
        std::ofstream(key) << std::string(64, 'b') << '\n';
        std::filesystem::permissions(key, std::filesystem::perms(0600));
        person.daemon.answer("GET /v1/key",
                             R"({"key":"bbbbbbbbbbbb","file":")" + key.string() + "\"}");
        person.daemon.answer("POST /v1/key/rotation",
                             R"({"key":"aaaaaaaaaaaa","former":"bbbbbbbbbbbb","file":")" +
                                 key.string() + "\"}");
    }

    static std::string content(const std::filesystem::path& file) {
        std::ifstream in(file);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    Operator person;
    const std::filesystem::path key = person.path("state.db.key");
    const std::filesystem::path copy = person.path("former");
};

TEST_F(FormerKeyTest, TheQuestionSaysWhatIsLostAndHowItIsCopiedFirst) {
    person.at_terminal = true;
    person.answers = "n\n";
    const auto seen = person.type({"key", "rotate"});
    EXPECT_EQ(seen.exit, 65);
    EXPECT_THAT(seen.err, HasSubstr("No backup that was made before can be restored without"));
    EXPECT_THAT(seen.err, HasSubstr("sudo install -m 600 " + key.string() +
                                    " /root/medibridge-state-key.bbbbbbbbbbbb\n"));
    EXPECT_THAT(seen.err, HasSubstr("--keep-former"));
    EXPECT_THAT(person.daemon.requests(), testing::ElementsAre("GET /v1/key"));
}

TEST_F(FormerKeyTest, IsCopiedBeforeItIsReplacedWhereThatIsAskedFor) {
    person.at_terminal = true;
    person.answers = "n\n";
    EXPECT_EQ(person.type({"key", "rotate", "--keep-former", copy.string()}).exit, 65);
    EXPECT_FALSE(std::filesystem::exists(copy)) << "nothing was replaced";
    const auto kept =
        person.type({"key", "rotate", "--keep-former", copy.string(), "--yes", "--output", "json"});
    EXPECT_EQ(kept.exit, 0) << kept.err;
    EXPECT_THAT(kept.out, HasSubstr(R"("kept":")" + copy.string()));
    EXPECT_EQ(content(copy), std::string(64, 'b') + "\n");
    EXPECT_EQ(std::filesystem::status(copy).permissions(), std::filesystem::perms(0600));

    const auto asked = person.daemon.requests().size();
    const auto taken = person.type({"key", "rotate", "--keep-former", copy.string(), "--yes"});
    EXPECT_EQ(taken.exit, 64) << "what is there is not touched";
    std::filesystem::remove(key);
    const auto gone =
        person.type({"key", "rotate", "--keep-former", person.path("b").string(), "--yes"});
    EXPECT_EQ(gone.exit, 64);
    for (auto i = asked; i < person.daemon.requests().size(); ++i)
        EXPECT_EQ(person.daemon.requests()[i], "GET /v1/key") << "it was not replaced";
}

TEST_F(FormerKeyTest, IsNotLeftAsACopyWhereTheChangeIsRefused) {
    const auto rotate = [&] {
        return person.type({"key", "rotate", "--keep-former", copy.string(), "--yes"}).exit;
    };
    const auto refuse = [&](int status, int exit) {
        person.daemon.answer(
            "POST /v1/key/rotation",
            {status,
             R"({"error":{"code":"refused","message":"no","exit":)" + std::to_string(exit) + "}}",
             {},
             {},
             false});
    };
    refuse(409, 65);
    EXPECT_EQ(rotate(), 65);
    EXPECT_FALSE(std::filesystem::exists(copy));
    refuse(500, 70);
    EXPECT_EQ(rotate(), 70);
    EXPECT_TRUE(std::filesystem::exists(copy)) << "it may have been replaced";
}

TEST_F(FormerKeyTest, StaysWhereTheConfigurationSaysThatItIs) {
    person.daemon.answer("GET /v1/key", R"({"key":"bbbbbbbbbbbb","file":null})");
    const auto refused = person.type({"key", "rotate", "--keep-former", copy.string(), "--yes"});
    EXPECT_EQ(refused.exit, 64);
    EXPECT_THAT(refused.err, HasSubstr("where state.key says"));
    EXPECT_THAT(person.type({"key", "rotate", "--yes"}).err,
                HasSubstr("keep it apart, as long as you keep those backups"));
}

TEST(KeyTest, AFileThatOthersMayUseIsRefused) {
    Operator person;
    person.daemon.answer("GET /v1/key", R"({"key":"bbbbbbbbbbbb","file":null})");
    person.daemon.answer("POST /v1/key/rotation",
                         R"({"key":"aaaaaaaaaaaa","former":"bbbbbbbbbbbb","file":null})");
    const auto file = person.path("new-key");
    std::filesystem::permissions(file.parent_path(), std::filesystem::perms(0755));
    std::ofstream(file) << std::string(64, 'a') << '\n';
    for (const unsigned mode : {0644u, 0660u, 0602u}) {
        std::filesystem::permissions(file, std::filesystem::perms(mode));
        const auto seen = person.type({"key", "rotate", "--new-key", file.string(), "--yes"});
        EXPECT_EQ(seen.exit, 64) << seen.out;
        EXPECT_THAT(seen.err, testing::AllOf(HasSubstr(file.string()), HasSubstr("chmod")));
        EXPECT_THAT(person.daemon.requests(), IsEmpty());
    }
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    EXPECT_EQ(person.type({"key", "rotate", "--new-key", file.string(), "--yes"}).exit, 0);
    EXPECT_EQ(person
                  .type({"key", "rotate", "--new-key", file.string(), "--abandon", "0123456789ab",
                         "--yes"})
                  .exit,
              0);
    EXPECT_THAT(person.daemon.requests().back(), HasSubstr(R"("abandon":"0123456789ab")"));
}

TEST(OptionsTest, MistakesAreSaidAndNothingIsAsked) {
    const std::vector<std::vector<std::string>> mistakes = {
        {},
        {"held"},
        {"hold"},
        {"status", "--output", "xml"},
        {"status", "--watch", "--output", "json"},
        {"held", "show"},
        {"held", "retry"},
        {"held", "link", "7"},
        {"held", "retry", "7", "--reason", "invalid"},
        {"held", "create", "7", "8", "--token", "t"},
        {"held", "ignore", "--reason", "no reason to filter by"},
        {"held", "list", "--reason", "unknown"},
        {"held", "list", "--since", "soon"},
        {"accept-changes"},
        {"accept-changes", "--expect", "0"},
        {"pause", "--until", "yesterday"},
        {"pause", "--until", "2020-01-01T00:00:00Z"},
        {"why"},
        {"why", ""},
        {"why", " "},
        {"find", ""},
        {"held", "show", ""},
        {"plan", "apply", "/nowhere/plan.json"},
        {"setup", "more"},
    };
    for (const auto& words : mistakes) {
        Operator person;
        const auto seen = person.type(words);
        EXPECT_EQ(seen.exit, 64) << testing::PrintToString(words);
        EXPECT_FALSE(seen.err.empty()) << testing::PrintToString(words);
        EXPECT_THAT(person.daemon.requests(), IsEmpty()) << testing::PrintToString(words);
    }
}

TEST(ProgressTest, IsOneLineOnATerminalAndTheActionsOfADryRun) {
    Operator person;
    person.daemon.answer(
        "POST /v1/cycles",
        Reply{
            200,
            "",
            {R"({"progress":{"created":1,"updated":2,"started":null}})",
             R"({"progress":{"acted":{"external_id":"7\u001b[2J","action":"update","detail":"phone"}}})",
             std::string(R"({"result":)") + cycle + "}"},
            {},
            false});
    const auto plain = person.type({"sync", "--dry-run"});
    EXPECT_EQ(plain.err, "");
    EXPECT_THAT(plain.out, testing::StartsWith("update\t7\\u{1b}[2J\tphone\ncomplete (dry run"));
    EXPECT_EQ(person.type({"sync", "--dry-run", "--output", "json"}).out,
              std::string(cycle) + "\n");
    person.at_terminal = true;
    EXPECT_EQ(person.type({"sync"}).err, "\r\x1b[2K1 created, 2 updated\r\x1b[2K");
}

TEST(PlanTest, IsSavedForItsOwnerAloneAndAppliedAsItWas) {
    Operator person;
    const std::string plan =
        R"({"made_at":"2026-11-28T17:00:00Z","items":[{"external_id":"7","action":"update","fields":["phone"],"digest":"ab"}]})";
    person.daemon.answer("POST /v1/plans", R"({"plan":)" + plan + "}");
    person.daemon.answer("POST /v1/plans/application",
                         Reply{200, "", {R"({"result":{"applied":1,"left":[]}})"}, {}, false});
    const auto file = person.path("plan.json").string();
    const auto saved = person.type({"plan", "save", file});
    EXPECT_EQ(saved.exit, 0);
    EXPECT_THAT(saved.out, HasSubstr("made 1 hour ago\n  update  1\n"));
    EXPECT_THAT(saved.out, HasSubstr("plan apply " + file));
    EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms(0600));
    EXPECT_EQ(person.type({"plan", "save", file}).exit, 64); // it exists

    EXPECT_EQ(person.type({"plan", "apply", file}).exit, 64); // nobody says yes
    const auto applied = person.type({"plan", "apply", file, "--yes", "--output", "json"});
    EXPECT_EQ(applied.exit, 0);
    EXPECT_EQ(applied.out, "{\"applied\":1,\"left\":[]}\n");
    EXPECT_EQ(person.daemon.requests().back(),
              R"(POST /v1/plans/application {"plan":)" + plan + "}");
}

TEST(PlanTest, ThatAGuardStopsExitsAsACycleDoes) {
    Operator person;
    const auto file = person.path("plan.json");
    std::ofstream(file) << R"({"made_at":"2026-11-28T17:00:00Z","items":[]})";
    const auto exit_of = [&](const std::string& outcome) {
        const std::string result = R"({"applied":0,"left":[{"external_id":"7","reason":"r"}],)"
                                   R"("outcome":")" +
                                   outcome + R"(","reason":"r"})";
        person.daemon.answer("POST /v1/plans/application",
                             Reply{200, "", {R"({"result":)" + result + "}"}, {}, false});
        return person.type({"plan", "apply", file.string(), "--yes"}).exit;
    };
    EXPECT_EQ(exit_of("guarded"), 69);
    EXPECT_EQ(exit_of("unauthorized"), 77);
    EXPECT_EQ(exit_of("incomplete"), 75) << "a side is down: what is left may still be written";
    EXPECT_EQ(exit_of("complete"), 65) << "what is left is listed";
}

} // namespace
} // namespace medibridge::tests
