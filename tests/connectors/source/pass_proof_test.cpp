#include "connectors/source/pass_proof.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace medibridge::connectors {
namespace {

void add(PassProof& proof, const std::vector<std::string>& identifiers) {
    for (const auto& id : identifiers)
        proof.add(id);
}

PassProof proof_of(const std::vector<std::string>& identifiers) {
    PassProof proof;
    add(proof, identifiers);
    return proof;
}

/// A pass that shows these.
bool confirms(PassMemory& memory, const std::vector<std::string>& identifiers,
              std::optional<reconcile::Instant> since = {}) {
    auto proof = memory.begin(since);
    add(proof, identifiers);
    return memory.confirms(since, std::move(proof));
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
    EXPECT_FALSE(confirms(memory, {"1", "2"})) << "there is none before";
    EXPECT_TRUE(confirms(memory, {"2", "1"}));
    EXPECT_TRUE(confirms(memory, {"1", "2", "3"})) << "who is new moves nobody";
    EXPECT_FALSE(confirms(memory, {"2", "3"})) << "1 has gone, and drawn others forward";
    EXPECT_TRUE(confirms(memory, {"2", "3"}));
}

TEST(PassMemoryTest, WhoCameTwiceHasMoved) {
    PassMemory memory;
    EXPECT_FALSE(confirms(memory, {"1", "2", "1"}));
    EXPECT_FALSE(confirms(memory, {"1", "2", "3"}));
    EXPECT_TRUE(confirms(memory, {"1", "2", "3"}));
    EXPECT_FALSE(confirms(memory, {"1", "2", "3", "3"}));
    EXPECT_TRUE(confirms(memory, {"1", "2", "3", "3"})) << "each time the same";
}

TEST(PassMemoryTest, AnotherQuestionConfirmsNothing) {
    PassMemory memory;
    EXPECT_FALSE(confirms(memory, {"1"}));
    EXPECT_FALSE(confirms(memory, {"1"}, reconcile::Instant()));
}

TEST(PassMemoryTest, APassThatIsNotFinishedChangesNothing) {
    PassMemory memory;
    EXPECT_FALSE(confirms(memory, {"1", "2"}));
    auto unfinished = memory.begin({});
    add(unfinished, {"1", "3"});
    EXPECT_TRUE(confirms(memory, {"1", "2", "4"})) << "beside it";
    EXPECT_TRUE(confirms(memory, {"4", "2", "1"}));
    add(unfinished, {"2"});
    EXPECT_EQ(unfinished.different(), 3u);
}

TEST(PassMemoryTest, APassThatBeginsAnewHasShownNothing) {
    PassMemory memory;
    EXPECT_FALSE(confirms(memory, {"1", "2"}));
    auto proof = memory.begin({});
    add(proof, {"1", "3", "3"});
    proof.begin_anew();
    EXPECT_FALSE(proof.holds("1"));
    add(proof, {"2", "1"});
    EXPECT_EQ(proof.different(), 2u);
    EXPECT_TRUE(memory.confirms({}, std::move(proof)));
}

/// Against sets, for passes of some identifiers each.
TEST(PassProofTest, SaysWhatASetWouldWhateverThePassBeforeHasShown) {
    std::mt19937 random(7);
    PassMemory memory;
    std::multiset<std::string> before;
    for (int pass = 0; pass < 2000; ++pass) {
        SCOPED_TRACE("pass " + std::to_string(pass));
        std::multiset<std::string> now;
        auto proof = memory.begin({});
        for (auto records = random() % 6; records-- > 0;) {
            const auto id = std::to_string(random() % 5);
            proof.add(id);
            now.insert(id);
        }
        const std::set<std::string> different(now.begin(), now.end());
        const auto is_distinct = [](const std::multiset<std::string>& shown) {
            return std::set<std::string>(shown.begin(), shown.end()).size() == shown.size();
        };
        EXPECT_EQ(proof.different(), different.size());
        EXPECT_EQ(proof.repeated(), now.size() - different.size());
        EXPECT_EQ(proof.distinct(), is_distinct(now));
        for (int id = 0; id < 5; ++id)
            EXPECT_EQ(proof.holds(std::to_string(id)), now.contains(std::to_string(id)));
        std::size_t more_than_once = 0;
        for (const auto& id : different)
            more_than_once += now.count(id) > 1 ? 1 : 0;
        EXPECT_EQ(proof.identifiers_repeated().size(), more_than_once);
        const bool again =
            is_distinct(now) && is_distinct(before) && std::ranges::includes(now, before);
        const bool confirmed = memory.confirms({}, std::move(proof));
        EXPECT_EQ(confirmed, pass > 0 && (now == before || again));
        before = std::move(now);
    }
}

} // namespace
} // namespace medibridge::connectors
