#include "rig.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace medibridge::test {
namespace {

using connectors::ApiError;
using connectors::ListQuery;

/// Nothing that a log may show holds the key or anything of a patient.
void expect_clean(const std::string& text, const std::string& from) {
    for (const std::string& planted :
         {std::string(planted_key), std::string(planted_name), std::string("Aliénor"),
          std::string("1980-02-29"), std::string("IPP-1"), std::string("Bearer")}) {
        EXPECT_EQ(text.find(planted), std::string::npos) << from << ": " << text;
    }
}

void expect_clean(const ApiError& error) {
    expect_clean(error.what, "what");
    expect_clean(error.code, "code");
    expect_clean(error.request_id, "request_id");
}

TEST(PrivacyTest, NeitherKeyNorPatientIsInAnyErrorOrEvent) {
    const std::string echo = R"({"id":"p-9","externalId":"IPP-9","lastName":"Plantagenet"})";
    std::vector<http::Result> faults{
        json_error(400, "Plantagenet:was:refused Plantagenet"),
        json_error(404, "Aliénor"),
        json_error(409, "DUPLICATE"),
        json_error(429, "RATE", {{"Retry-After", "Plantagenet"}}),
        json_error(500, "OOPS"),
        response(400, "Plantagenet, born 1980-02-29, is refused"),
        response(502, "<html>Plantagenet sk-planted-key-0123456789</html>"),
        response(200, echo),
        response(200, echo.substr(0, 50)),
        broken(http::ErrorKind::timeout, true),
        broken(http::ErrorKind::connect, false),
        json_error(401, "BAD_KEY sk-planted-key-0123456789"),
    };
    for (const auto& fault : faults) {
        Rig rig;
        const auto forever = fault && fault->status == 429;
        if (forever) {
            rig.transport.then(fault);
            rig.transport.otherwise([](const http::Request&) { return json_error(409, "NO"); });
        } else {
            rig.transport.otherwise([&](const http::Request&) { return fault; });
        }
        const auto created = rig.run(rig.client.create(planted_patient()));
        const auto updated = rig.run(rig.client.update(planted_update()));
        const auto listed = rig.run(rig.client.list(ListQuery()));
        const auto got = rig.run(rig.client.get("p-1"));
        if (!created) expect_clean(created.error());
        if (!updated) expect_clean(updated.error());
        if (!listed) expect_clean(listed.error());
        if (!got) expect_clean(got.error());
        EXPECT_FALSE(created && updated && listed && got);
        expect_clean(rig.log.text(), "log");
        for (const auto& sent : rig.transport.sent()) {
            EXPECT_EQ(sent.request.target.find(planted_key), std::string::npos);
            EXPECT_EQ(sent.request.target.find(planted_name), std::string::npos);
            EXPECT_EQ(sent.request.body.find(planted_key), std::string::npos);
        }
    }
}

} // namespace
} // namespace medibridge::test
