#include "connectors/hl7v2/batch.hpp"
#include "connectors/hl7v2/mllp_frame.hpp"
#include "corpus.hpp"
#include "feed.hpp"
#include "inbox_double.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors::hl7 {
namespace {

using test::message;
using test::pid;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The control identifiers of the messages, or why there are none.
std::vector<std::string> controls(std::string_view text, std::size_t most = 100) {
    const auto batch = read_batch(text, most);
    if (!batch) return {batch.error().reason};
    std::vector<std::string> all;
    for (const auto part : batch->messages)
        all.push_back(test::read(part).control_id);
    return all;
}

const std::string first = message("A08", {pid("1")}, "1");
const std::string second = message("A08", {pid("2")}, "2");

TEST(Hl7BatchTest, PlainMessagesAreCutAtTheirHeaders) {
    EXPECT_THAT(controls(first + second), ElementsAre("1", "2"));
    EXPECT_THAT(controls(first + "\r\n" + second), ElementsAre("1", "2"));
    EXPECT_THAT(controls(framed(first) + framed(second)), ElementsAre("1", "2"));
    EXPECT_THAT(controls(framed(first) + "\n" + framed(second) + "\n"), ElementsAre("1", "2"));
    EXPECT_THAT(controls(""), IsEmpty());
    EXPECT_EQ(read_batch(first + second, 9)->messages.at(0), first.substr(0, first.size()));
}

TEST(Hl7BatchTest, ALineFeedInsideAFieldCutsNothing) {
    const auto inside = message("A08", {pid("1"), "NTE|1||a\nMSH|b"}, "1");
    EXPECT_THAT(controls(inside + second), ElementsAre("1", "2"));
    EXPECT_THAT(controls(first.substr(0, first.size() - 1) + "\n\n" + second),
                ElementsAre("1", "2"))
        << "a header of the same kind is one, even behind LF";
    auto lines = first + second;
    std::ranges::replace(lines, '\r', '\n');
    EXPECT_THAT(controls(lines), ElementsAre("1", "2"));
}

TEST(Hl7BatchTest, EnvelopesAreChecked) {
    const auto batch = "BHS|^~\\&|A\r" + first + second;
    EXPECT_THAT(controls(batch + "BTS|2\r"), ElementsAre("1", "2"));
    EXPECT_THAT(controls(batch + "BTS\r"), ElementsAre("1", "2")) << "the count is optional";
    EXPECT_THAT(controls(batch + "BTS|3\r"), ElementsAre(HasSubstr("BTS-1")));
    EXPECT_THAT(controls(batch), ElementsAre(HasSubstr("BTS is missing")));
    const auto file = "FHS|^~\\&|A\r" + batch + "BTS|2\r";
    EXPECT_THAT(controls(file + "FTS|1\r"), ElementsAre("1", "2"));
    EXPECT_THAT(controls(file + "FTS|2\r"), ElementsAre(HasSubstr("FTS-1")));
    EXPECT_THAT(controls(file), ElementsAre(HasSubstr("FTS is missing")));
    EXPECT_THAT(controls(first + "BTS|1\r"), ElementsAre(HasSubstr("trailer")));
    EXPECT_THAT(controls("BHS|^~\\&\rBHS|^~\\&\r"), ElementsAre(HasSubstr("header")));
    EXPECT_THAT(controls("hello\r" + first), ElementsAre(HasSubstr("outside")));
    EXPECT_THAT(controls(first + second, 1), ElementsAre(HasSubstr("too many")));
}

TEST(Hl7BatchTest, TheAnswerIsABatch) {
    const std::string batch = "BHS|^~\\&|DPI|CH|SYNC|BRIDGE|2024||||B1\r" + first;
    EXPECT_TRUE(is_batch(batch));
    EXPECT_FALSE(is_batch(first));
    EXPECT_EQ(batch_answer(batch, {"MSH|x\rMSA|AA|1\r", ""}),
              "BHS|^~\\&|SYNC|BRIDGE|DPI|CH||||||B1\rMSH|x\rMSA|AA|1\rBTS|1\r");
}

TEST(Hl7BatchTest, TheCorpusIsTakenOrRefusedAsAWhole) {
    if (test::corpus().empty()) GTEST_SKIP() << "MEDIBRIDGE_CORPUS is not set";
    const auto read = [](const std::string& name) {
        return controls(test::read_file(test::corpus() / "derived/batch" / name));
    };
    EXPECT_THAT(read("good.hl7"), ElementsAre("FRS00001", "FRS00006", "FRS00007"));
    EXPECT_THAT(read("wrong-count.hl7"), ElementsAre(HasSubstr("BTS-1")));
    EXPECT_THAT(read("cut.hl7"), ElementsAre(HasSubstr("cut off")));
}

std::vector<Fed> feed(const std::string& content, test::InboxDouble& inbox) {
    boost::asio::io_context io;
    std::vector<Fed> all;
    MessageReader reader(test::settings());
    auto work = [&]() -> runtime::Task<void> {
        auto fed = co_await feed_file(content, reader, inbox, test::now());
        if (fed) all = std::move(*fed);
    };
    boost::asio::co_spawn(io, work(), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    io.run();
    return all;
}

TEST(Hl7FeedTest, EveryMessageOfAFileHasAResult) {
    test::InboxDouble inbox;
    const auto no_pid = message("A08", {"PV1||N"}, "3");
    const auto other = "MSH|^~\\&|A|B|C|D|1||ORU^R01|4|P|2.5\r";
    const auto all = feed(first + second + first + no_pid + other, inbox);
    ASSERT_EQ(all.size(), 5u);
    EXPECT_EQ(all[0].result, Fed::Result::stored);
    EXPECT_EQ(all[1].result, Fed::Result::stored);
    EXPECT_EQ(all[2].result, Fed::Result::repeated);
    EXPECT_EQ(all[3].result, Fed::Result::stored);
    EXPECT_THAT(all[3].reason, HasSubstr("no PID"));
    EXPECT_EQ(all[4].result, Fed::Result::refused);
    EXPECT_EQ(all[4].control_id, "4");
    inbox.fail("disk full");
    EXPECT_EQ(feed(message("A08", {pid("9")}, "9"), inbox).at(0).result, Fed::Result::failed);
}

} // namespace
} // namespace medibridge::connectors::hl7
