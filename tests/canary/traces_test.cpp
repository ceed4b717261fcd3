#include "traces.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using testing::IsEmpty;
using testing::Not;

TEST(Traces, AreFoundInEachForm) {
    const Traces traces({"Çanarïgny"});
    using namespace std::string_literals;
    for (const auto& text : {
             "x Çanarïgny x"s, "ÇANARÏGNY"s, "çanarïgny"s, "CANARIGNY"s, "canarigny"s,
             "\xC7"
             "anar\xEF"
             "gny"s,
             "\xC7\0a\0n\0a\0r\0\xEF\0g\0n\0y\0"s, "\0\xC7\0a\0n\0a\0r\0\xEF\0g\0n\0y"s,
             "\\u00c7anar\\u00EFgny"s, "%C3%87anar%c3%afgny"s, "%C7anar%EFgny"s,
             "c387616e6172c3af676e79"s, "C387616E6172C3AF676E79"s,
             "w4dhbmFyw69nbnk="s,     // as it is
             "eMOHYW5hcsOvZ255"s,     // behind one byte
             "eHjDh2FuYXLDr2dueQ=="s, // behind two
         })
        EXPECT_THAT(traces.in("before " + text + " behind"), Not(IsEmpty())) << text;
}

TEST(Traces, AreNotFoundWhereTheyAreNot) {
    const Traces traces({"Çanarïgny", "17/03/1931"});
    EXPECT_THAT(traces.in("Canari Gny, canarign, 17/03/1932, 616e6172"), IsEmpty());
    EXPECT_THAT(traces.in(std::string(100'000, '\0')), IsEmpty());
}

} // namespace
} // namespace medibridge::tests
