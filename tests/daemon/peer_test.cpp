#include "hospital.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

// What stands between the daemon and its peers, through the real programs.

namespace medibridge::tests {
namespace {

// RFC 9110 §12.5.3: a server may pack although `identity` was asked for.
TEST(Peer, ThatPacksUnaskedIsRead) {
    for (const std::string packing : {"gzip", "deflate"}) {
        Hospital hospital({"--patients", "250", "--invalid-share", "0", "--fault",
                           "ANY:1+:" + packing, "--fault", "his/ANY:1+:" + packing});
        EXPECT_EQ(hospital.once().exit, 0);
        EXPECT_EQ(hospital.medicapp_patients().size(), 250u);
        hospital.control(http::Method::post, "/his/edit?count=50");
        EXPECT_EQ(hospital.once().exit, 0);
        EXPECT_EQ(differences_between_sides(hospital), "");
    }
}

// A firewall that takes offence at one patient's record is not Medicapp that refuses the key.
TEST(Peer, ThatRefusesOnePatientIsNotTakenToRefuseTheKey) {
    Hospital hospital({"--patients", "20", "--invalid-share", "0"});
    const auto one = hospital.his_patients().front()["ipp"].get<std::string>();
    for (const std::string what : {"html=403", "403", "html=401", "html=413"}) {
        hospital.set_faults({"WRITE@" + one + ":1+:" + what});
        const auto ended = hospital.once();
        EXPECT_NE(ended.exit, 77) << what << ended.err;
        EXPECT_EQ(ended.err.find("auth.refused"), std::string::npos) << ended.err;
    }
    hospital.set_faults({});
    EXPECT_EQ(hospital.once({"--full", "--output", "json"}).exit, 0);
    EXPECT_EQ(hospital.medicapp_patients().size(), 20u);
}

TEST(Peer, ThatRefusesEverythingRefusesTheKey) {
    Hospital hospital({"--patients", "20", "--invalid-share", "0"});
    ASSERT_EQ(hospital.once().exit, 0);
    hospital.control(http::Method::post, "/his/edit?count=20");
    hospital.set_faults({"WRITE:1+:html=403", "LIST:2+:html=403"});
    const auto ended = hospital.once();
    EXPECT_EQ(ended.exit, 77) << ended.err;
    EXPECT_NE(ended.err.find("auth.refused"), std::string::npos) << ended.err;
}

// One name that cannot be read is one name.
TEST(Peer, ThatShowsABrokenNameShowsEverybodyElse) {
    Hospital hospital({"--patients", "20", "--invalid-share", "0"});
    ASSERT_EQ(hospital.once().exit, 0);
    const auto one = hospital.his_patients().front()["ipp"].get<std::string>();
    hospital.set("broken-patient", one);
    hospital.control(http::Method::post, "/his/edit?count=20");
    EXPECT_EQ(hospital.once({"--full", "--output", "json"}).exit, 0);
    EXPECT_EQ(differences_between_sides(hospital), "");
}

} // namespace
} // namespace medibridge::tests
