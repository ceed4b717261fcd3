#include "operator.hpp"

#include <fcntl.h>
#include <fstream>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Reply error(int status, const std::string& code, int exit) {
    return {status,
            R"({"error":{"code":")" + code + R"(","message":"what is wrong","exit":)" +
                std::to_string(exit) + "}}",
            {},
            {},
            false};
}

TEST(ExitCodeTest, FollowsTheError) {
    Operator person;
    for (const auto& [status, code, exit] :
         std::vector<std::tuple<int, std::string, int>>{{400, "usage", 64},
                                                        {403, "forbidden", 77},
                                                        {404, "not_found", 65},
                                                        {409, "refused", 65},
                                                        {500, "internal", 70},
                                                        {503, "unavailable", 75}}) {
        person.daemon.answer("GET /v1/status", error(status, code, exit));
        const auto seen = person.type({"status"});
        EXPECT_EQ(seen.exit, exit) << code;
        EXPECT_EQ(seen.err, "medibridgectl: what is wrong\n");
        EXPECT_EQ(seen.out, "");
        const auto json = person.type({"status", "--output", "json"});
        EXPECT_EQ(json.exit, exit);
        EXPECT_EQ(json.out, R"({"error":{"code":")" + code +
                                R"(","message":"what is wrong","exit":)" + std::to_string(exit) +
                                "}}\n");
    }
}

TEST(ExitCodeTest, FollowsTheOutcomeOfACycle) {
    Operator person;
    for (const auto& [outcome, exit] : std::map<std::string, int>{
             {"complete", 0}, {"incomplete", 75}, {"guarded", 69}, {"unauthorized", 77}}) {
        person.daemon.answer(
            "POST /v1/cycles",
            Reply{200, "", {R"({"result":{"outcome":")" + outcome + R"("}})"}, {}, false});
        EXPECT_EQ(person.type({"sync"}).exit, exit) << outcome;
    }
}

TEST(ExitCodeTest, OfLongWorkThatFails) {
    Operator person;
    person.daemon.answer(
        "POST /v1/cycles",
        Reply{200,
              "",
              {R"({"progress":{"created":1}})",
               R"({"error":{"code":"unavailable","message":"Medicapp is down","exit":75}})"},
              {},
              false});
    const auto seen = person.type({"sync"});
    EXPECT_EQ(seen.exit, 75);
    EXPECT_THAT(seen.err, HasSubstr("Medicapp is down"));
    person.daemon.answer("POST /v1/cycles", Reply{200, "", {R"({"progress":{}})"}, {}, false});
    EXPECT_EQ(person.type({"sync"}).exit, 75); // without a result
}

TEST(ExitCodeTest, OfChecks) {
    Operator person;
    person.daemon.answer("GET /v1/doctor", R"({"checks":[],"ok":true})");
    EXPECT_EQ(person.type({"doctor"}).exit, 0);
    person.daemon.answer("GET /v1/doctor", R"({"checks":[],"ok":false})");
    EXPECT_EQ(person.type({"doctor"}).exit, 65);
    person.daemon.answer("GET /v1/audit/verification", R"({"intact":false,"broken_at":3})");
    EXPECT_EQ(person.type({"audit", "--verify"}).exit, 70);
}

TEST(ExitCodeTest, OfASideThatIsDownIsTemporary) {
    Operator person;
    const std::string target = "GET /v1/patients?search=ROY";
    const auto sides = [](const char* up) {
        return R"({"patients":[],"sides":[{"name":"medicapp","up":)" + std::string(up) +
               R"(,"found":0,"complete":false,"reason":"why"}]})";
    };
    person.daemon.answer(target, sides("false"));
    const auto seen = person.type({"find", "ROY"});
    EXPECT_EQ(seen.exit, 75);
    EXPECT_THAT(seen.out, HasSubstr("medicapp: not everybody was looked at: why"));
    person.daemon.answer(target, sides("true"));
    EXPECT_EQ(person.type({"find", "ROY"}).exit, 0) << "only too many were found";
    person.daemon.answer("POST /v1/cycles",
                         R"({"outcome":"incomplete","reason":"source dpi: no answer",
                             "sources":[{"name":"dpi","trouble":"no answer"},
                                        {"name":"adt","trouble":"port in use"}]})");
    const auto cycle = person.type({"sync", "--full"});
    EXPECT_EQ(cycle.exit, 75);
    EXPECT_THAT(cycle.out, HasSubstr("incomplete\n  source dpi: no answer\n"
                                     "  source adt: port in use\n"));
}

TEST(ExitCodeTest, ARefusedDecisionIsAnAnswer) {
    Operator person;
    person.daemon.answer("POST /v1/held/7/decision", error(409, "refused", 65));
    const auto seen = person.type({"held", "update", "7", "--token", "t", "--output", "json"});
    EXPECT_EQ(seen.exit, 65);
    EXPECT_EQ(seen.out,
              R"({"id":"7","decision":"update","result":"refused","reason":"what is wrong"})"
              "\n");
    person.daemon.answer("POST /v1/held/7/decision", error(403, "forbidden", 77));
    EXPECT_EQ(person.type({"held", "update", "7", "--token", "t"}).exit, 77);
}

TEST(ConfirmationTest, IsAskedOnATerminalAndMustBeGiven) {
    Operator person;
    person.daemon.answer("GET /v1/held/7", R"({"id":"7","reason":"divergence","token":"t9"})");
    person.daemon.answer("POST /v1/held/7/decision",
                         R"({"id":"7","decision":"update","result":"pending","reason":null})");
    const auto unasked = person.type({"held", "update", "7"});
    EXPECT_EQ(unasked.exit, 64);
    EXPECT_THAT(unasked.err, HasSubstr("update 7?: nobody can be asked here"));
    Operator other;
    other.daemon.answer("GET /v1/patients/7/erasure", R"({"records":3,"token":"e"})");
    EXPECT_THAT(other.type({"erase", "7"}).err,
                HasSubstr("Type the externalId: nobody can be asked here"));
    person.at_terminal = true;
    person.answers = "n\n";
    const auto no = person.type({"held", "update", "7"});
    EXPECT_EQ(no.exit, 65);
    EXPECT_THAT(no.err, HasSubstr("update 7? [y/N]"));
    EXPECT_THAT(person.daemon.requests(),
                ElementsAre("GET /v1/decider", "GET /v1/decider", "GET /v1/held/7"));
    person.answers = "maybe\n\x1b[A\nno\n"; // asked again until it is yes or no
    EXPECT_EQ(person.type({"held", "update", "7"}).exit, 65);
    person.answers = "maybe";
    EXPECT_EQ(person.type({"held", "update", "7"}).exit, 65);
    person.answers = "maybe\nYes\n";
    const auto yes = person.type({"held", "update", "7"});
    EXPECT_EQ(yes.exit, 0);
    EXPECT_THAT(yes.out, HasSubstr("7  update: pending, carried out by the next cycle"));
    EXPECT_EQ(person.daemon.requests().back(),
              R"(POST /v1/held/7/decision {"decision":"update","token":"t9"})");
}

TEST(ConfirmationTest, OfManyAsksForTheirNumber) {
    Operator person;
    person.daemon.answer("GET /v1/held?source=dpi",
                         R"({"held":[{"id":"7","reason":"invalid","kind":"decide"},
                                     {"id":"8","reason":"invalid","kind":"decide"}]})");
    person.daemon.answer("POST /v1/held/7/decision",
                         R"({"id":"7","decision":"retry","result":"applied"})");
    person.daemon.answer("POST /v1/held/8/decision", error(409, "refused", 65));
    person.at_terminal = true;
    person.answers = "1\n";
    EXPECT_EQ(person.type({"held", "retry", "--source", "dpi"}).exit, 65);
    EXPECT_EQ(person.daemon.requests().back(), "GET /v1/held?source=dpi");
    person.answers = "2\n";
    const auto seen = person.type({"held", "retry", "--source", "dpi"});
    EXPECT_EQ(seen.exit, 65);
    EXPECT_THAT(seen.out, HasSubstr("1 applied, 1 refused"));
    const auto json =
        person.type({"held", "retry", "--source", "dpi", "--yes", "--output", "json"});
    EXPECT_EQ(json.out,
              R"({"decisions":[{"id":"7","decision":"retry","result":"applied"},)"
              R"({"id":"8","decision":"retry","result":"refused","reason":"what is wrong"}],)"
              R"("applied":1,"pending":0,"refused":1})"
              "\n");
}

TEST(ConfirmationTest, OfManyLeavesWhomAnOperatorIgnored) {
    Operator person;
    const std::string held = R"({"held":[{"id":"7","reason":"possible_duplicate","ignored":null},
        {"id":"8","reason":"possible_duplicate","ignored":{"by":"ana"}}]})";
    person.daemon.answer("GET /v1/held?source=dpi", held);
    person.daemon.answer("GET /v1/held?source=dpi&kind=excluded", held);
    for (const char* request : {"POST /v1/held/7/decision", "POST /v1/held/8/decision"})
        person.daemon.answer(request, R"({"id":"7","decision":"retry","result":"applied"})");
    person.at_terminal = true;
    person.answers = "1\n";
    const auto seen = person.type({"held", "retry", "--source", "dpi"});
    EXPECT_EQ(seen.exit, 0);
    EXPECT_THAT(seen.out + seen.err, HasSubstr("1 ignored by an operator: left as they are"));
    EXPECT_THAT(person.daemon.requests(),
                ElementsAre("GET /v1/decider", "GET /v1/held?source=dpi",
                            R"(POST /v1/held/7/decision {"decision":"retry"})"));
    person.answers = "2\n";
    EXPECT_EQ(person.type({"held", "retry", "--source", "dpi", "--kind", "excluded"}).exit, 0);
}

TEST(ConfirmationTest, OfAnErasureIsTyped) {
    Operator person;
    person.daemon.answer(
        "GET /v1/patients/7/erasure",
        R"({"external_id":"7","medicapp_id":"m","patient":{"lastName":"ROY"},"records":3,"token":"e"})");
    person.daemon.answer("POST /v1/patients/7/erasure",
                         R"({"external_id":"7","result":"applied"})");
    person.at_terminal = true;
    for (const char* const wrong : {"y\n", "8\n3\n", "7\n2\n", "7\n", ""}) {
        person.answers = wrong;
        EXPECT_EQ(person.type({"erase", "7"}).exit, 65) << wrong;
    }
    for (const std::string& request : person.daemon.requests())
        EXPECT_EQ(request, "GET /v1/patients/7/erasure");
    person.answers = "7\n3\n";
    EXPECT_EQ(person.type({"erase", "7"}).exit, 0);
}

TEST(ConfirmationTest, OfAGuardShowsIt) {
    Operator person;
    person.daemon.answer(
        "GET /v1/guard",
        R"({"guards":[{"guard":"guard.mapping","source":"dpi","reason":"fields.email changed"}]})");
    person.at_terminal = true;
    person.answers = "n\n";
    const auto seen = person.type({"accept-mapping"});
    EXPECT_EQ(seen.exit, 65);
    EXPECT_THAT(seen.err, HasSubstr("fields.email changed"));
    EXPECT_THAT(person.daemon.requests(), ElementsAre("GET /v1/decider", "GET /v1/guard"));
}

TEST(ConfirmationTest, OfAGuardIsNotAskedForWhatWouldBeRefused) {
    Operator person;
    person.at_terminal = true;
    person.answers = "y\n";
    const auto refused = [&](const std::vector<std::string>& words) {
        const auto seen = person.type(words);
        EXPECT_EQ(seen.exit, 65) << words[0];
        EXPECT_THAT(seen.err, testing::Not(HasSubstr("[y/N]"))) << words[0];
        EXPECT_EQ(person.daemon.requests().back(), "GET /v1/guard") << words[0];
        return seen.err;
    };
    person.daemon.answer("GET /v1/guard", R"({"guards":[]})");
    for (const char* command : {"accept-mapping", "accept-rewind", "accept-space"})
        EXPECT_THAT(refused({command}), HasSubstr("no guard has stopped the last cycle for"));
    EXPECT_THAT(refused({"accept-changes", "--expect", "3"}), HasSubstr("no guard has stopped"));
    person.daemon.answer(
        "GET /v1/guard",
        R"({"guards":[{"guard":"guard.changes","count":18,"token":"t","accepted":["mapping"]}]})");
    EXPECT_THAT(refused({"accept-changes", "--expect", "3"}),
                HasSubstr("18 patients would be changed, not as many as you expect"));
    refused({"accept-rewind"});
    person.daemon.answer("POST /v1/cycles", Reply{200, "", {R"({"result":{}})"}, {}, false});
    person.type({"accept-changes", "--expect", "18"});
    EXPECT_EQ(person.daemon.requests().back(),
              R"(POST /v1/cycles {"full":false,"accept":{"changes":18,"token":["t"]}})");
    person.type({"accept-mapping"}); // which the stopped cycle had been told already
    EXPECT_EQ(person.daemon.requests().back(),
              R"(POST /v1/cycles {"full":true,"accept":{"mapping":true}})");
}

TEST(RestoreTest, IsForWhenNoDaemonRuns) {
    Operator person;
    const auto seen = person.type({"restore", "/var/backups/state.db", "--yes"});
    EXPECT_EQ(seen.exit, 75);
    EXPECT_THAT(seen.err, HasSubstr("systemctl stop medibridge"));
    EXPECT_THAT(person.daemon.requests(), IsEmpty());
}

class Inside final : public ctl::Api {
  public:
    explicit Inside(std::vector<std::string>& calls) : calls_(&calls) {}
    ctl::Answer call(std::string_view method, const std::string& target, const std::string& body,
                     const ctl::OnProgress&) override {
        calls_->push_back(std::string(method) + " " + target + " " + body);
        return {200, "{}"};
    }

  private:
    std::vector<std::string>* calls_;
};

TEST(RestoreTest, SaysWhatItMeansAndIsDoneInThisProcess) {
    Operator person;
    std::vector<std::string> calls;
    person.open_state = [&](const std::filesystem::path&) {
        return std::make_unique<Inside>(calls);
    };
    write_file(person.path("m.yaml"), "control: {socket: " + person.path("none").string() + "}\n");
    const std::string config = person.path("m.yaml").string();
    const auto asked = person.type_bare({"--config", config, "restore", "/b/state.db"});
    EXPECT_EQ(asked.exit, 64);
    EXPECT_THAT(asked.err, HasSubstr("is forgotten"));
    const std::string look = R"(POST /v1/restore {"file":"/b/state.db","check":true})";
    EXPECT_THAT(calls, ElementsAre(look));
    calls.clear();
    EXPECT_EQ(person.type_bare({"--config", config, "restore", "/b/state.db", "--yes"}).exit, 0);
    EXPECT_THAT(calls, ElementsAre(look, R"(POST /v1/restore {"file":"/b/state.db"})"));
    // Other commands as well, where nobody listens.
    EXPECT_EQ(person.type_bare({"--config", config, "status"}).exit, 0);
    EXPECT_EQ(calls.back(), "GET /v1/status ");
}

} // namespace
} // namespace medibridge::tests
