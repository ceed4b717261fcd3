#include "operating/desk.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

// A first configuration, asked for by the real program and tried on real servers.
namespace medibridge::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class Setup : public testing::Test {
  protected:
    /// `medibridgectl setup`, with these lines typed.
    Typed set_up(const std::vector<std::string>& lines) {
        std::string text;
        for (const auto& line : lines)
            text += line + "\n";
        const auto typed = hospital.directory() / "typed";
        write_file(typed, text);
        Child program({"/bin/sh", "-c", "exec \"$0\" --config \"$1\" setup < \"$2\"", MEDIBRIDGECTL,
                       config().string(), typed.string()},
                      hospital.directory());
        Typed ended;
        ended.exit = program.wait();
        ended.out = program.out();
        ended.err = program.err();
        return ended;
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
                "/etatCivil/prenoms/0",
                "/etatCivil/dateNaissance",
                "%d/%m/%Y",
                "/etatCivil/sexe",
                "1",
                "2",
                "/contact/mobile",
                "/contact/mail",
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
    std::vector<std::string> lines{medicapp(), "a-wrong-key", "y", medicapp(), key()};
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
    lines.insert(lines.end(), {"", "i", "l", "f", "b", "", "", "", "", "", "", "", "", "m", ""});
    EXPECT_THAT(set_up(lines).err, HasSubstr("Connection refused"));
}

TEST_F(Setup, LeavesWhatIsThereAlone) {
    std::filesystem::create_directory(config().parent_path());
    write_file(config(), "mine");
    const auto ended = set_up({});
    EXPECT_EQ(ended.exit, 65);
    EXPECT_THAT(ended.err, HasSubstr("there is a configuration already"));
    EXPECT_EQ(read_file(config()), "mine");
}

TEST_F(Setup, WithoutAnswersWritesNothing) {
    const auto ended = set_up({medicapp()});
    EXPECT_EQ(ended.exit, 64);
    EXPECT_THAT(ended.err, HasSubstr("the input ended"));
    EXPECT_FALSE(std::filesystem::exists(config()));
}

} // namespace
} // namespace medibridge::tests
