#include "simulated_his.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using reconcile::parse_rfc3339;

struct Stamp {
    const char* written; ///< as a JSON value
    const char* format;  ///< empty: ISO 8601
    const char* instant; ///< RFC 3339; empty: unreadable, and the record has no time
};

/// Databases' and languages' null dates, clocks that were never set, and what cannot be: an instant
/// or none, and never a matter of other records.
TEST(AbsurdTimeTest, IsAnInstantOrSaidToBeUnreadable) {
    const std::vector<Stamp> stamps = {
        {R"("2062-06-01T10:01:00Z")", "", "2062-06-01T10:01:00Z"},
        {R"("9999-12-31T23:59:59Z")", "", "9999-12-31T23:59:59Z"},
        {R"("9999-12-31T23:59:59.9999999+14:00")", "", "9999-12-31T09:59:59.999Z"},
        {R"("0001-01-01T00:00:00Z")", "", "0001-01-01T00:00:00Z"},
        {R"("1753-01-01T00:00:00Z")", "", "1753-01-01T00:00:00Z"},
        {R"("1899-12-30T00:00:00Z")", "", "1899-12-30T00:00:00Z"},
        {R"("1970-01-01T00:00:00Z")", "", "1970-01-01T00:00:00Z"},
        {R"("2026-01-31T09:05:07+24:00")", "", ""},
        {R"("2026-01-31T25:05:07Z")", "", ""},
        {R"("2026-02-30T09:05:07Z")", "", ""},
        {R"("infinity")", "", ""},
        {R"("-infinity")", "", ""},
        {R"("0000-00-00 00:00:00")", "", ""},
        {R"("12026-01-31T09:05:07Z")", "", ""},
        {R"("-0001-01-31T09:05:07Z")", "", ""},
        {"1e999", "%s", ""},
        {"NaN", "%s", ""},
        {"-62135596800", "%s", "0001-01-01T00:00:00Z"},
        {"253402300799", "%s", "9999-12-31T23:59:59Z"},
        {"99999999999999999999", "%s", ""},
        {"9223372036854775807", "%s", ""},
        {"9223372036854775807", "%Q", ""},
        {"{}", "", ""},
        {R"("2026\ud83d")", "", ""},
    };
    for (const auto& stamp : stamps) {
        auto settings = simple_settings();
        settings.page_size = 10;
        settings.fields["modifiedAt"].format = stamp.format;
        SimulatedHis his(settings);
        const auto odd =
            std::string(R"({"ipp":"2","nom":"Doe","prenom":"Jo","naissance":"1980-01-02","maj":)") +
            stamp.written + "}";
        his.transport.answer = [&odd](const http::Request& request) {
            if (*parameter(request.target, "page") != "1") return json_answer(list_json({}));
            return json_answer(list_json({patient_json("1"), odd, patient_json("3")}));
        };
        const auto pass = his.pass();
        ASSERT_FALSE(pass.error) << stamp.written;
        ASSERT_EQ(pass.ids(), (std::vector<std::string>{"1", "2", "3"})) << stamp.written;
        EXPECT_TRUE(pass.proven);
        EXPECT_EQ(pass.pages[0].server_time, parse_rfc3339("2026-01-31T12:00:00Z")->instant)
            << "HTTP's Date";
        const auto& at = pass.records[1].modified_at;
        EXPECT_EQ(at.has_value(), *stamp.instant != '\0') << stamp.written;
        if (*stamp.instant == '\0') {
            EXPECT_THAT(his.log.text(), testing::HasSubstr("modifiedAt")) << stamp.written;
        } else {
            EXPECT_EQ(at, parse_rfc3339(stamp.instant)->instant) << stamp.written;
        }
    }
}

/// Whatever moment is asked for, the query can be written.
TEST(AbsurdTimeTest, AnyMomentCanBeAskedFor) {
    for (const auto* format : {"", "%d/%m/%Y %H:%M:%S", "%s", "%FT%TZ"}) {
        auto settings = simple_settings();
        settings.query.modified_after_format = format;
        SimulatedHis his(settings);
        his.transport.answer = [](const http::Request&) { return json_answer(list_json({})); };
        for (const auto since :
             {reconcile::Instant::min(), reconcile::Instant::max(), reconcile::Instant(),
              parse_rfc3339("0001-01-01T00:00:00Z")->instant,
              parse_rfc3339("9999-12-31T23:59:59Z")->instant}) {
            EXPECT_FALSE(his.pass(since).error) << format;
            const auto asked = *parameter(his.transport.asked.back().target, "depuis");
            EXPECT_FALSE(asked.empty()) << format;
            EXPECT_LT(asked.size(), 40u) << asked;
        }
    }
}

} // namespace
} // namespace medibridge::connectors
