#include "connectors/his/pass_proof.hpp"

#include <gtest/gtest.h>
#include <string>

namespace medibridge::connectors {
namespace {

using std::chrono::milliseconds;

PassProof proof_of(const std::vector<std::pair<std::string, int>>& records) {
    PassProof proof;
    for (const auto& [id, time] : records)
        proof.add(id, reconcile::Instant(milliseconds(time)));
    return proof;
}

TEST(PassProofTest, SeesAnIdentifierThatCameTwice) {
    EXPECT_TRUE(proof_of({{"1", 5}, {"2", 5}, {"12", 5}}).distinct());
    EXPECT_FALSE(proof_of({{"1", 5}, {"2", 5}, {"1", 6}}).distinct());
    EXPECT_TRUE(proof_of({{"", 5}, {"", 6}}).distinct());
    EXPECT_TRUE(PassProof().distinct());
}

TEST(PassProofTest, FingerprintFollowsWhatWasShownAndNotItsOrder) {
    const auto print = proof_of({{"1", 5}, {"2", 7}}).fingerprint();
    EXPECT_EQ(print, proof_of({{"2", 7}, {"1", 5}}).fingerprint());
    EXPECT_NE(print, proof_of({{"1", 7}, {"2", 5}}).fingerprint());
    EXPECT_NE(print, proof_of({{"1", 5}, {"2", 8}}).fingerprint());
    EXPECT_NE(print, proof_of({{"1", 5}, {"2", 7}, {"2", 7}}).fingerprint());
    EXPECT_NE(print, proof_of({{"1", 5}}).fingerprint());
    EXPECT_NE(PassProof().fingerprint(), proof_of({{"", 5}}).fingerprint());
    PassProof untimed;
    untimed.add("1", std::nullopt);
    EXPECT_NE(untimed.fingerprint(), proof_of({{"1", -1000}}).fingerprint());
}

TEST(PassProofTest, AMillionPatientsTakeLessThanTenMebibytes) {
    PassProof proof;
    for (int i = 0; i < 1'000'000; ++i)
        proof.add("80" + std::to_string(10'000'000 + i), {});
    EXPECT_TRUE(proof.distinct());
    EXPECT_LT(proof.bytes(), 10u << 20);
    proof.add("8010000007", {});
    EXPECT_FALSE(proof.distinct());
}

} // namespace
} // namespace medibridge::connectors
