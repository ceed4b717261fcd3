#include "operating/desk.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <gmock/gmock.h>
#include <iterator>
#include <sys/stat.h>

// A first configuration, asked for by the real program and tried on real servers.
namespace medibridge::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class Setup : public testing::Test {
  protected:
    /// `medibridgectl setup`, with these lines typed.
    Typed set_up(const std::vector<std::string>& lines, const std::string& output = "text") {
        const auto program = begin(lines, output);
        Typed ended;
        ended.exit = program->wait();
        ended.out = program->out();
        ended.err = program->err();
        return ended;
    }
    std::unique_ptr<Child> begin(const std::vector<std::string>& lines,
                                 const std::string& output = "text") {
        std::string text;
        for (const auto& line : lines)
            text += line + "\n";
        const auto typed = hospital.directory() / "typed";
        write_file(typed, text);
        return std::make_unique<Child>(
            std::vector<std::string>{
                "/bin/sh", "-c",
                "export TMPDIR=\"$4\"; exec \"$0\" --config \"$1\" --output \"$3\" setup < \"$2\"",
                MEDIBRIDGECTL, config().string(), typed.string(), output, trials().string()},
            hospital.directory());
    }
    /// Where setup keeps what it tries; nothing is left there.
    std::filesystem::path trials() const {
        const auto folder = hospital.directory() / "trials";
        std::filesystem::create_directories(folder);
        return folder;
    }
    std::filesystem::path config() const {
        return hospital.directory() / "new" / "medibridge.yaml";
    }
    std::string medicapp() const { return hospital.addresses()["medicapp"].get<std::string>(); }
    std::string his() const { return hospital.addresses()["his"].get<std::string>(); }
    std::string key() const {
        const auto text = read_file(hospital.directory() / "medicapp-api-key");
        return text.substr(0, text.find('\n'));
    }
    /// Answers for the HIS of the sandbox, from the kind on.
    std::vector<std::string> source(const std::string& last_name,
                                    const std::string& below = {}) const {
        return {"rest",
                "dpi",
                his() + below,
                "",
                "modifie_apres",
                "page",
                "taille",
                "ipp",
                "/patients",
                "/pagination/pages",
                "/ipp",
                last_name,
                "",
                "/etatCivil/prenoms/0",
                "/etatCivil/dateNaissance",
                "%d/%m/%Y",
                "/etatCivil/sexe",
                "1",
                "2",
                "9",
                "U, ?",
                "/contact/mobile",
                "/contact/mail",
                "/adresse/voie",
                "/adresse/cp",
                "/adresse/commune",
                "/adresse/pays",
                "/decede",
                "/actif",
                "",
                "",
                "/statutIdentite",
                "/remplacePar",
                "/majLe",
                ""};
    }

    Hospital hospital{{"--patients", "20", "--invalid-share", "0"}};
};

TEST_F(Setup, TriesEachSideRehearsesAndWritesWhatRuns) {
    std::vector<std::string> lines{medicapp(), "a-wrong-key", "y", "2", key(), ""};
    std::ranges::copy(source("/etatCivil/nomNaissance"), std::back_inserter(lines));
    lines.insert(lines.end(), {"y", "y"});
    const auto ended = set_up(lines);
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("the API key is refused"));
    EXPECT_THAT(ended.err, HasSubstr("the API key is taken"));
    EXPECT_THAT(ended.out, HasSubstr("created          20"));
    EXPECT_TRUE(hospital.medicapp_patients().empty()) << "a rehearsal writes nothing";

    const auto text = read_file(config());
    EXPECT_THAT(text, Not(HasSubstr(key())));
    struct stat info{};
    ASSERT_EQ(::stat((config().parent_path() / "medicapp-api-key").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    Child once({MEDIBRIDGED, "--once", "--config", config().string()}, hospital.directory());
    EXPECT_EQ(once.wait(), 0) << once.err();
    EXPECT_EQ(hospital.medicapp_patients().size(), 20u);
}

TEST_F(Setup, SaysWhatTheHisDoesNotShow) {
    std::vector<std::string> lines{medicapp(), key()};
    std::ranges::copy(source("/no/such/place"), std::back_inserter(lines));
    lines.insert(lines.end(), {"n", "n", "n"});
    const auto ended = set_up(lines);
    EXPECT_EQ(ended.exit, 65) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("lastName is missing (20)"));
    EXPECT_THAT(ended.err, HasSubstr("nothing was written"));
    EXPECT_FALSE(std::filesystem::exists(config()));
}

TEST_F(Setup, SaysThatTheTimesOfTheHisCannotBeRead) {
    std::vector<std::string> lines{medicapp(), key()};
    auto answers = source("/etatCivil/nomNaissance");
    std::ranges::replace(answers, std::string("/majLe"), std::string("/etatCivil/nomNaissance"));
    std::ranges::copy(answers, std::back_inserter(lines));
    lines.insert(lines.end(), {"n", "n", "n"});
    const auto ended = set_up(lines);
    EXPECT_THAT(ended.err, HasSubstr("cannot be read, of 20 records: modifiedAt"));
    EXPECT_THAT(ended.err, HasSubstr("(20)"));
}

TEST_F(Setup, SaysThatNothingIsAtAnAddress) {
    std::vector<std::string> lines{medicapp(), key()};
    std::ranges::copy(source("/etatCivil/nomNaissance", "/elsewhere"), std::back_inserter(lines));
    const auto ended = set_up(lines);
    EXPECT_THAT(ended.err, HasSubstr("nothing is at this address"));
}

TEST_F(Setup, SaysWhyADatabaseCannotBeReached) {
    std::vector<std::string> lines{medicapp(), key(), "sql", "db"};
    lines.emplace_back("Driver={PostgreSQL Unicode};Server=127.0.0.1;Port=1;Uid=medibridge");
    lines.insert(lines.end(), {"", "SELECT i FROM t WHERE (m, i) > (:modified_after, :after_id) "
                                   "ORDER BY m, i LIMIT :limit"});
    lines.insert(lines.end(), {"", "i", "l", "", "f", "b"});
    lines.insert(lines.end(), 12, ""); // from the format of a birth date to the surviving record
    lines.insert(lines.end(), {"m", ""});
    EXPECT_THAT(set_up(lines).err, HasSubstr("Connection refused"));
}

/// Whoever goes on with mistakes that they were told does not have them written by Enter.
TEST_F(Setup, DoesNotSuggestToWriteMistakes) {
    std::vector<std::string> lines{medicapp(), key()};
    std::ranges::copy(source("/etatCivil/nomNaissance"), std::back_inserter(lines));
    *std::ranges::find(lines, "page") = ""; // the number of pages is of no use then
    lines.insert(lines.end(), {"n", "n", ""});
    const auto left = set_up(lines);
    EXPECT_EQ(left.exit, 65) << left.err;
    EXPECT_THAT(left.err, HasSubstr("medibridge does not start with them"));
    EXPECT_FALSE(std::filesystem::exists(config()));

    lines.back() = "y";
    const auto written = set_up(lines);
    EXPECT_EQ(written.exit, 78) << written.err;
    EXPECT_THAT(written.err, HasSubstr("refuses what was written"));
    EXPECT_THAT(written.err, Not(HasSubstr("Try it")));
    Child check({MEDIBRIDGED, "--check-config", "--config", config().string()},
                hospital.directory());
    EXPECT_EQ(check.wait(), 78);
}

TEST_F(Setup, RefusesAtItsQuestionWhatTheDaemonWouldRefuse) {
    std::vector<std::string> lines{"ftp://x", medicapp(), key()};
    std::ranges::copy(source("etatCivil/nomNaissance"), std::back_inserter(lines));
    const auto place = std::ranges::find(lines, "etatCivil/nomNaissance");
    lines.insert(std::next(place), "/etatCivil/nomNaissance");
    lines.insert(std::ranges::find(lines, "dpi"), {"my dpi!", "http://his.local/api"});
    lines.insert(lines.end(), {"n", "y"});
    const auto ended = set_up(lines);
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("  this is not a URL: only https:// and http://"));
    const std::string of_the_name = "  this may consist of at most 64 letters";
    const auto first = ended.err.find(of_the_name);
    ASSERT_NE(first, std::string::npos) << ended.err;
    EXPECT_NE(ended.err.find(of_the_name, first + 1), std::string::npos) << "the address, too";
    EXPECT_THAT(ended.err, HasSubstr("  this must be a JSON pointer"));
    EXPECT_THAT(read_file(config()), HasSubstr("- name: dpi\n"));
}

/// One wrong answer is no reason to give all of them again.
TEST_F(Setup, HasOnlyTheWrongAnswerGivenAgain) {
    std::vector<std::string> lines{medicapp(), key()};
    std::ranges::copy(source("/no/such/place"), std::back_inserter(lines));
    // What no question has, the one, what belongs to another, and one that is not wanted after all.
    lines.insert(lines.end(), {"y", "99", "11", "/etatCivil/nomNaissance", "21", "-", "16", "-",
                               "16", "/etatCivil/sexe", "1", "2", "9", "-,U", ""});
    lines.insert(lines.end(), {"y", "y"});
    const auto ended = set_up(lines);
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("  11  JSON pointer of the birth name: /no/such/place"));
    EXPECT_THAT(ended.err, HasSubstr("a number from the list"));
    EXPECT_THAT(ended.out, HasSubstr("created          20"));
    const auto text = read_file(config());
    EXPECT_THAT(text, HasSubstr("lastName: /etatCivil/nomNaissance\n"));
    EXPECT_THAT(text, HasSubstr("email: /contact/mail\n"));
    EXPECT_THAT(text, Not(HasSubstr("phone")));
    EXPECT_THAT(text, HasSubstr(R"(map: {1: M, 2: F, 9: O, "-": "", U: ""})"));
}

TEST_F(Setup, SaysWhichFieldsAreNeverSent) {
    std::vector<std::string> lines{medicapp(), key()};
    std::ranges::copy(source("/etatCivil/nomNaissance"), std::back_inserter(lines));
    for (const char* const left_out : {"/adresse/pays", "/contact/mail"})
        *std::ranges::find(lines, left_out) = "-";
    lines.insert(lines.end(), {"n", "y"});
    const auto ended = set_up(lines);
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("not mapped, and so never sent: email, address.country\n"));
    EXPECT_THAT(read_file(config()), HasSubstr("address.city: /adresse/commune\n"));
}

TEST_F(Setup, AsksAgainWhatIsNeitherYesNorNo) {
    std::vector<std::string> lines{medicapp(), key()};
    std::ranges::copy(source("/etatCivil/nomNaissance"), std::back_inserter(lines));
    lines.insert(lines.end(), {"http://x", "n", "maybe", "YES"});
    const auto ended = set_up(lines);
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("y or n"));
    EXPECT_TRUE(std::filesystem::exists(config()));
}

TEST_F(Setup, LeavesWhatIsThereAlone) {
    std::filesystem::create_directory(config().parent_path());
    write_file(config(), "mine");
    const auto ended = set_up({});
    EXPECT_EQ(ended.exit, 65);
    EXPECT_THAT(ended.err, HasSubstr("there is a configuration already"));
    EXPECT_EQ(read_file(config()), "mine");
}

/// What is in the way is found before the first question, or at the latest before a file is
/// written.
TEST_F(Setup, IsInNobodysWay) {
    namespace fs = std::filesystem;
    std::vector<std::string> all{medicapp(), key()};
    std::ranges::copy(source("/etatCivil/nomNaissance"), std::back_inserter(all));
    all.insert(all.end(), {"n", "y"});
    const auto folder = config().parent_path();
    const auto other_key = folder / "medicapp-api-key";
    const std::vector<std::pair<const char*, std::function<void()>>> cases{
        {"there is a configuration already",
         [&] { fs::create_symlink("/no/such/file", config()); }},
        {"there is a configuration already", [&] { fs::create_directory(config()); }},
        {"there is a file already", [&] { write_file(other_key, "another's"); }},
        {"there is a file already", [&] { fs::create_symlink("/no/such/file", other_key); }},
        {"there is a folder already", [&] { fs::create_directory(other_key); }},
    };
    for (const auto& [words, put] : cases) {
        fs::remove_all(folder);
        fs::create_directory(folder);
        put();
        const auto ended = set_up(all);
        EXPECT_EQ(ended.exit, 65) << ended.err;
        EXPECT_THAT(ended.err, HasSubstr(words));
        const auto left = std::distance(fs::directory_iterator(folder), fs::directory_iterator());
        EXPECT_EQ(left, 1) << words;
    }
}

TEST_F(Setup, TellsAProgramWhatItWrote) {
    std::vector<std::string> lines{medicapp(), key()};
    std::ranges::copy(source("/etatCivil/nomNaissance"), std::back_inserter(lines));
    lines.insert(lines.end(), {"y", "y"});
    const auto ended = set_up(lines, "json");
    ASSERT_EQ(ended.exit, 0) << ended.err;
    const auto told = nlohmann::json::parse(ended.out);
    EXPECT_EQ(told["config"], config().string());
    EXPECT_EQ(told["written"].size(), 2u) << told;
    for (const auto& file : told["written"])
        EXPECT_TRUE(std::filesystem::exists(file.get<std::string>())) << file;
    EXPECT_EQ(told["rehearsal"]["created"], 20) << told;
}

TEST_F(Setup, EndsAtOnceInTheMiddleOfACheckThatHangs) {
    hospital.set_faults({"GET:1+:hang"});
    const auto program = begin({medicapp(), key()});
    wait_until(*program, [&] { return program->err().contains("checking"); });
    wait_until(*program, [&] { return !std::filesystem::is_empty(trials()); });
    // Once the server has been asked, the check waits for it.
    wait_until(*program, [&] {
        return hospital.control(http::Method::get, "/faults")["faults"][0]["hits"] != 0;
    });
    const auto before = std::chrono::steady_clock::now();
    program->signal(SIGINT);
    EXPECT_NE(program->wait(), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(3));
    EXPECT_TRUE(std::filesystem::is_empty(trials()));
    EXPECT_FALSE(std::filesystem::exists(config()));
    hospital.set_faults({});
}

TEST_F(Setup, WithoutAnswersWritesNothing) {
    const auto ended = set_up({medicapp()});
    EXPECT_EQ(ended.exit, 64);
    EXPECT_THAT(ended.err, HasSubstr("the input ended"));
    EXPECT_FALSE(std::filesystem::exists(config()));
}

} // namespace
} // namespace medibridge::tests
