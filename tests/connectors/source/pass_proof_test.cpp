#include "connectors/source/pass_proof.hpp"

#include <gtest/gtest.h>
#include <string>

namespace medibridge::connectors {
namespace {

PassProof proof_of(const std::vector<std::string>& identifiers) {
    PassProof proof;
    for (const auto& id : identifiers)
        proof.add(id);
    return proof;
}

TEST(PassProofTest, SeesAnIdentifierThatCameTwice) {
    EXPECT_TRUE(proof_of({"1", "2", "12"}).distinct());
    EXPECT_FALSE(proof_of({"1", "2", "1"}).distinct());
    EXPECT_TRUE(proof_of({"", ""}).distinct());
    EXPECT_TRUE(PassProof().distinct());
}

TEST(PassProofTest, FingerprintFollowsWhoWasShownAndNotTheOrder) {
    const auto print = proof_of({"1", "2"}).fingerprint();
    EXPECT_EQ(print, proof_of({"2", "1"}).fingerprint());
    EXPECT_NE(print, proof_of({"1", "3"}).fingerprint());
    EXPECT_NE(print, proof_of({"1", "2", "2"}).fingerprint());
    EXPECT_NE(print, proof_of({"1"}).fingerprint());
    EXPECT_NE(proof_of({"1", "1", "2"}).fingerprint(), proof_of({"1", "2", "2"}).fingerprint());
    EXPECT_NE(PassProof().fingerprint(), proof_of({""}).fingerprint());
}

TEST(PassMemoryTest, APassThatShowsEverybodyAgainConfirmsTheOneBefore) {
    PassMemory memory;
    EXPECT_FALSE(memory.confirms({}, proof_of({"1", "2"}))) << "there is none before";
    EXPECT_TRUE(memory.confirms({}, proof_of({"2", "1"})));
    EXPECT_TRUE(memory.confirms({}, proof_of({"1", "2", "3"}))) << "who is new moves nobody";
    EXPECT_FALSE(memory.confirms({}, proof_of({"2", "3"})))
        << "1 has gone, and drawn others forward";
    EXPECT_TRUE(memory.confirms({}, proof_of({"2", "3"})));
}

TEST(PassMemoryTest, WhoCameTwiceHasMoved) {
    PassMemory memory;
    EXPECT_FALSE(memory.confirms({}, proof_of({"1", "2", "1"})));
    EXPECT_FALSE(memory.confirms({}, proof_of({"1", "2", "3"})));
    EXPECT_TRUE(memory.confirms({}, proof_of({"1", "2", "3"})));
    EXPECT_FALSE(memory.confirms({}, proof_of({"1", "2", "3", "3"})));
    EXPECT_TRUE(memory.confirms({}, proof_of({"1", "2", "3", "3"}))) << "each time the same";
}

TEST(PassMemoryTest, AnotherQuestionConfirmsNothing) {
    PassMemory memory;
    EXPECT_FALSE(memory.confirms({}, proof_of({"1"})));
    EXPECT_FALSE(memory.confirms(reconcile::Instant(), proof_of({"1"})));
}

TEST(PassProofTest, AMillionPatientsTakeLessThanTenMebibytes) {
    PassProof proof;
    for (int i = 0; i < 1'000'000; ++i)
        proof.add("80" + std::to_string(10'000'000 + i));
    EXPECT_TRUE(proof.distinct());
    EXPECT_LT(proof.bytes(), 10u << 20);
    proof.add("8010000007");
    EXPECT_FALSE(proof.distinct());
}

} // namespace
} // namespace medibridge::connectors
