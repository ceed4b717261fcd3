#include "arrows.hpp"

#include <gmock/gmock.h>

namespace medibridge::house {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ArrowsTest, RoomsIncludeOnlyFromTheRoomsBelowThem) {
    for (const SourceFile& file : read_tree()) {
        for (const Finding& finding : wrong_arrows(file))
            ADD_FAILURE() << finding;
    }
}

TEST(ArrowsTest, HeadersOfRoomsShowNoThirdParty) {
    for (const SourceFile& file : read_tree()) {
        for (const Finding& finding : foreign_headers(file))
            ADD_FAILURE() << finding;
    }
}

TEST(ArrowsTest, FindsAnIncludeThatPointsUpAndSaysWhatIsAllowed) {
    const SourceFile file{"state/store.cpp", "#include \"state/store.hpp\"\n"
                                             "#include \"connectors/source/source.hpp\"\n"};
    const auto findings = wrong_arrows(file);
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].line, 2);
    EXPECT_THAT(findings[0].advice, HasSubstr("base/runtime, reconcile"));
}

TEST(ArrowsTest, AllowsOneHeaderOfARoomWithoutTheOthers) {
    EXPECT_THAT(wrong_arrows({"config/load.cpp", "#include \"base/http/url.hpp\"\n"}), IsEmpty());
    EXPECT_EQ(wrong_arrows({"config/load.cpp", "#include \"base/http/client.hpp\"\n"}).size(), 1u);
}

TEST(ArrowsTest, AKindOfSourceNeedsNoRowAndSeesNoOtherKind) {
    const auto faults = [](const std::string& header) {
        return wrong_arrows({"connectors/new/source.cpp", "#include \"" + header + "\"\n"}).size();
    };
    EXPECT_EQ(faults("connectors/new/kind.hpp"), 0u);
    EXPECT_EQ(faults("connectors/inbox/inbox.hpp"), 0u);
    EXPECT_EQ(faults("connectors/rest/kind.hpp"), 1u);
    EXPECT_EQ(faults("connectors/kinds/kinds.hpp"), 1u);
    EXPECT_EQ(faults("state/store.hpp"), 1u);
    EXPECT_THAT(
        wrong_arrows({"connectors/kinds/kinds.cpp", "#include \"connectors/new/kind.hpp\"\n"}),
        IsEmpty());
    EXPECT_EQ(
        wrong_arrows({"connectors/web/x.cpp", "#include \"connectors/new/kind.hpp\"\n"}).size(),
        1u);
}

TEST(ArrowsTest, WhatDecidesSeesNeitherStoreNorClientNorLogNorTask) {
    for (const std::string header :
         {"state/database.hpp", "state/store.hpp", "connectors/medicapp/medicapp.hpp",
          "connectors/source/source.hpp", "base/log/json_log.hpp", "base/runtime/task.hpp",
          "sync/shell/context.hpp"}) {
        const SourceFile file{"sync/core/decision.cpp", "#include \"" + header + "\"\n"};
        EXPECT_EQ(wrong_arrows(file).size(), 1u) << header;
    }
    EXPECT_THAT(wrong_arrows({"sync/core/decision.cpp", "#include \"state/records.hpp\"\n"}),
                IsEmpty());
}

TEST(ArrowsTest, RefusesHeadersThatAreNotNamedWithTheirRoom) {
    EXPECT_EQ(wrong_arrows({"base/http/url.cpp", "#include \"url.hpp\"\n"}).size(), 1u);
    EXPECT_EQ(wrong_arrows({"base/http/url.cpp", "#include \"../state/store.hpp\"\n"}).size(), 1u);
}

TEST(ArrowsTest, FindsThirdPartiesInHeadersOnly) {
    const std::string text = "#include <vector>\n#include <boost/asio/awaitable.hpp>\n"
                             "#include <boost/beast.hpp>\n#include <sqlite3.h>\n";
    EXPECT_THAT(foreign_headers({"base/http/client.hpp", text}),
                ElementsAre(Field(&Finding::line, 3), Field(&Finding::line, 4)));
    EXPECT_THAT(foreign_headers({"base/http/client.cpp", text}), IsEmpty());
}

TEST(ArrowsTest, InternalHeadersShowThirdPartiesButStayInTheirRoom) {
    EXPECT_THAT(foreign_headers({"base/http/pool.hpp", "#include <boost/asio/ip/tcp.hpp>\n"}),
                IsEmpty());
    EXPECT_THAT(wrong_arrows({"base/http/client.cpp", "#include \"base/http/pool.hpp\"\n"}),
                IsEmpty());
    EXPECT_EQ(wrong_arrows({"connectors/rest/x.cpp", "#include \"base/http/pool.hpp\"\n"}).size(),
              1u);
}

} // namespace
} // namespace medibridge::house
