#include "connectors/mapping/yes_no.hpp"

#include <gtest/gtest.h>
#include <string_view>

namespace medibridge::connectors {
namespace {

struct YesNoCase {
    std::string_view text;
    std::optional<bool> said;
};

TEST(YesNoTest, ReadsTheWordsOfEverySource) {
    constexpr std::optional<bool> unclear;
    for (const auto& [text, said] : {
             YesNoCase{"true", true},
             {"1", true},
             {"yes", true},
             {"Y", true},
             {"oui", true},
             {"O", true},
             {"VRAI", true},
             {"T", true},
             {" y ", true},
             {"false", false},
             {"0", false},
             {"no", false},
             {"N", false},
             {"Non", false},
             {"FAUX", false},
             {"f", false},
             {"0000-00-00", false},
             {"00000000", false},
             {"", unclear},
             {"perhaps", unclear},
             {"U", unclear},
             {"2", unclear},
             {"00", unclear},
             {"2025-11-02", unclear},
             {"décédé", unclear},
             {"yes no", unclear},
         })
        EXPECT_EQ(yes_or_no(text), said) << text;
}

TEST(YesNoTest, ADateOfZerosIsNone) {
    for (const auto* text : {"0", "00000000", "0000-00-00T00:00:00", "00000000000000+0000", ""})
        EXPECT_TRUE(is_zero_date(text)) << text;
    for (const auto* text : {"20240602", "0000-00-01", "U", "inconnue"})
        EXPECT_FALSE(is_zero_date(text)) << text;
}

} // namespace
} // namespace medibridge::connectors
