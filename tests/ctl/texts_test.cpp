#include "ctl/clean.hpp"
#include "ctl/moment.hpp"
#include "ctl/show/show.hpp"
#include "ctl/table.hpp"
#include "tests/daemon/child.hpp"

#include <cstdlib>
#include <functional>
#include <gmock/gmock.h>
#include <map>
#include <sstream>

namespace medibridge::tests {
namespace {

using ctl::Json;
using ctl::Style;
using testing::HasSubstr;
using testing::Not;
namespace show = ctl::show;

Style style(std::size_t width = 100, bool colours = false) {
    return {colours, width, *ctl::read_moment("2026-11-28T18:00:00Z"), "medibridgectl"};
}

using Show = std::function<std::string(const Json&, const Style&)>;

/// Each sample of an answer, and what makes a text of it.
const std::map<std::string, Show> samples = {
    {"status", show::status},
    {"status_first", show::status},
    {"status_restarted", show::status},
    {"status_timer", show::status},
    {"held_list", show::held_list},
    {"held_none", show::held_list},
    {"held_mismatch", show::held_patient},
    {"held_decided", show::held_patient},
    {"held_candidates", show::held_patient},
    {"held_ambiguous", show::held_patient},
    {"held_taken", show::held_patient},
    {"held_unnamed", show::held_patient},
    {"patient", show::patient},
    {"patient_unread", show::patient},
    {"patient_refused", show::patient},
    {"found", show::found},
    {"erasure", show::erasure},
    {"guards", show::guards},
    {"cycle", [](const Json& a, const Style& s) { return show::cycle(a, true, s); }},
    {"plan", show::plan},
    {"plan_applied", show::plan_applied},
    {"audit", show::audit},
    {"verification", show::verification},
    {"verification_broken", show::verification},
    {"doctor", show::doctor},
    {"decision", show::decision},
    {"decision_refused", show::decision},
    {"event", [](const Json& a, const Style& s) { return show::event(ctl::dumped(a), s); }},
    {"pseudonym", [](const Json& a, const Style&) { return show::pseudonym(a); }},
};

std::filesystem::path file(const std::string& name) {
    return std::filesystem::path(MEDIBRIDGE_SOURCE_DIR) / "tests/ctl/texts" / name;
}

Json sample(const std::string& name) {
    return Json::parse(read_file(file(name + ".json")));
}

/// With MEDIBRIDGE_WRITE_TEXTS set, writes the texts anew, to be read in the diff.
TEST(TextTest, IsAsItWasAgreed) {
    for (const auto& [name, text_of] : samples) {
        const std::string text = text_of(sample(name), style());
        if (std::getenv("MEDIBRIDGE_WRITE_TEXTS") != nullptr) write_file(file(name + ".txt"), text);
        EXPECT_EQ(text, read_file(file(name + ".txt"))) << name;
    }
}

TEST(TextTest, HasColoursOnlyWhereTheyAreWanted) {
    for (const auto& [name, text_of] : samples)
        EXPECT_THAT(text_of(sample(name), style()), Not(HasSubstr("\x1b"))) << name;
    for (const std::string name : {"status", "held_list", "held_mismatch", "guards", "doctor"})
        EXPECT_THAT(samples.at(name)(sample(name), style(100, true)), HasSubstr("\x1b[")) << name;
}

TEST(TextTest, CommandsOfTheDaemonBeginAsTheyHaveToBeTyped) {
    Style style;
    style.program = "medibridgectl --config a.yaml";
    EXPECT_EQ(style.as_typed("run medibridgectl guard show, then medibridgectl accept-rewind"),
              "run medibridgectl --config a.yaml guard show, then medibridgectl --config a.yaml "
              "accept-rewind");
    EXPECT_EQ(style.as_typed("medibridgectl --socket x status"), "medibridgectl --socket x status");
    EXPECT_EQ(style.as_typed("the tool is medibridgectl"), "the tool is medibridgectl");
}

TEST(TextTest, FitsANarrowTerminal) {
    for (const std::string name : {"status", "held_list", "audit", "doctor", "guards", "cycle"}) {
        std::istringstream lines(samples.at(name)(sample(name), style(80)));
        std::string line;
        while (std::getline(lines, line))
            EXPECT_LE(ctl::display_width(line), 80u) << name << ": " << line;
    }
}

TEST(TextTest, ANarrowTerminalTakesNothingFromValuesThatAreCompared) {
    const std::string text = show::held_patient(sample("held_mismatch"), style(50));
    for (const char* const word :
         {"LEFÈVRE DE", "LA TOUR", "bâtiment", "escalier", "anais@example"})
        EXPECT_THAT(text, HasSubstr(word));
    EXPECT_THAT(text, HasSubstr("medibridgectl held update --token k3f9 8005\n"));
}

TEST(TextTest, AListBeginsWithTitleWhoeverIsOnIt) {
    Json answer = sample("held_list");
    for (Json& item : answer["held"])
        item["kind"] = "excluded";
    for (Json& group : answer["groups"])
        group["to_decide"] = 0;
    const auto text = show::held_list(answer, style());
    EXPECT_THAT(text, testing::Not(testing::StartsWith("\n")));
    EXPECT_THAT(text, testing::Not(HasSubstr("for the same cause"))) << "nobody has to decide";
}

/// The same object with a text in the place of each text.
Json with_texts(const Json& value, const std::string& text) {
    if (value.is_string()) return text;
    if (!value.is_structured()) return value;
    Json out = value.is_array() ? Json::array() : Json::object();
    for (const auto& [key, inner] : value.items())
        value.is_array() ? out.push_back(with_texts(inner, text))
                         : void(out[value.is_object() && key == "lastName" ? key + text : key] =
                                    with_texts(inner, text));
    return out;
}

TEST(TextTest, HostileValuesReachNoTerminal) {
    const std::vector<std::string> hostile = {"\x1b[2J\x1b]0;owned\x07",
                                              "a\nb\r\tc",
                                              "\xc2\x9b"
                                              "31m",
                                              "\xe2\x80\xaegnirts",
                                              "\xff\xfe",
                                              "x\x08y\x7f",
                                              std::string("nul\0nul", 7)};
    for (const auto& [name, text_of] : samples) {
        for (const std::string& text : hostile) {
            const std::string shown = text_of(with_texts(sample(name), text), style());
            for (const char c : shown)
                EXPECT_TRUE(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f'))
                    << name << ": " << static_cast<int>(c);
            for (const char* const bytes : {"\xc2\x9b", "\xe2\x80\xae", "\xff"})
                EXPECT_THAT(shown, Not(HasSubstr(bytes))) << name;
            EXPECT_THAT(shown, Not(HasSubstr("a\nb"))) << name;
        }
    }
}

TEST(TextTest, AnythingMayBeMissingOrOfAnotherType) {
    for (const auto& [name, text_of] : samples) {
        const Json whole = sample(name);
        text_of(Json::object(), style());
        for (const auto& [key, value] : whole.items()) {
            Json odd = whole;
            for (const Json& other :
                 {Json(), Json(7), Json("x"), Json::array({1, nullptr, "y"}),
                  Json{{"k", Json::array()}}, Json::array({Json::object()}), Json(true)}) {
                odd[key] = other;
                EXPECT_NO_THROW(text_of(odd, style())) << name << " " << key << " " << other;
            }
        }
    }
}

TEST(CleanTest, ShowsWhatATerminalWouldObey) {
    EXPECT_EQ(ctl::clean("LEFÈVRE \x1b[1m"), "LEFÈVRE \\u{1b}[1m");
    EXPECT_EQ(ctl::clean("a\nb"), "a\\u{0a}b");
    EXPECT_EQ(ctl::clean("\xff"), "\xEF\xBF\xBD");
    EXPECT_EQ(ctl::clean("\xe2\x80\xae"), "\\u{202e}");
}

TEST(CleanTest, JsonIsTheSameWithoutIt) {
    const Json value{{"a", "\x1b[2J é \xc2\x9b \xe2\x80\xae \x7f"}};
    const std::string safe = ctl::safe_json(value.dump());
    EXPECT_EQ(safe, R"({"a":"\u001b[2J é \u009b \u202e \u007f"})");
    EXPECT_EQ(Json::parse(safe), value);
}

TEST(CleanTest, WordsForAShell) {
    EXPECT_EQ(ctl::shell_word("8001234"), "8001234");
    EXPECT_EQ(ctl::shell_word("row:drop/p.csv:17"), "row:drop/p.csv:17");
    EXPECT_EQ(ctl::shell_word("a b; rm -rf ~"), "'a b; rm -rf ~'");
    EXPECT_EQ(ctl::shell_word("it's"), "'it'\\''s'");
    EXPECT_EQ(ctl::shell_word("\x1b'\\"), "$'\\x1b\\'\\\\'");
    EXPECT_EQ(ctl::shell_word(""), "''");
}

TEST(CleanTest, WidthsOfTexts) {
    EXPECT_EQ(ctl::display_width("Léa"), 3u);
    EXPECT_EQ(ctl::display_width("Le\xcc\x81"
                                 "a"),
              3u);
    EXPECT_EQ(ctl::display_width("山田"), 4u);
}

TEST(MomentTest, ReadsTimesAndAges) {
    const auto now = *ctl::read_moment("2026-11-28T18:00:00Z");
    EXPECT_EQ(ctl::read_moment("2026-11-28T19:00:00.5+01:00"), now);
    for (const char* const wrong :
         {"", "2026-11-28", "2026-02-30T00:00:00Z", "2026-11-28T24:00:00Z", "2026-11-28T18:00:00",
          "2026-11-28T18:00:00Zx"})
        EXPECT_FALSE(ctl::read_moment(wrong)) << wrong;
    EXPECT_EQ(ctl::rfc3339(*ctl::read_since("3d", now)), "2026-11-25T18:00:00Z");
    EXPECT_EQ(ctl::rfc3339(*ctl::read_since("2026-11-01", now)), "2026-11-01T00:00:00Z");
    EXPECT_EQ(ctl::rfc3339(*ctl::read_until("90s", now)), "2026-11-28T18:01:30Z");
    for (const char* const wrong :
         {"", "3", "d", "3y", "-3d", "3.5d", "99999999999d", "2026-11-28x"})
        EXPECT_FALSE(ctl::read_since(wrong, now)) << wrong;
    EXPECT_EQ(ctl::ago("2026-11-25T17:00:00Z", now), "3 days ago");
    EXPECT_EQ(ctl::ago("2026-11-28T19:30:00Z", now), "in 1 hour");
    EXPECT_EQ(ctl::ago("", now), "never");
    EXPECT_EQ(ctl::age_text(std::chrono::seconds(-5)), "0 seconds");
}

TEST(TableTest, WrapsBetweenWordsAndCutsWhatIsTooLong) {
    EXPECT_THAT(ctl::wrapped("one two three", 7), testing::ElementsAre("one two", "three"));
    EXPECT_THAT(ctl::wrapped("abcdefgh", 3), testing::ElementsAre("abc", "def", "gh"));
    EXPECT_THAT(ctl::wrapped("", 3), testing::ElementsAre(""));
    EXPECT_THAT(ctl::wrapped("ab cdefgh", 3), testing::ElementsAre("ab", "cde", "fgh"));
}

} // namespace
} // namespace medibridge::tests
