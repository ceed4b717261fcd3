#include "samples.hpp"
#include "scratch.hpp"
#include "state/facts.hpp"

#include <gtest/gtest.h>

namespace medibridge::state::test {
namespace {

const Fact erased{Fact::Kind::tombstone, "P1", "m1"};
const Fact merged{Fact::Kind::redirect, "P2", "P3"};
const Fact lifted{Fact::Kind::tombstone, "P1", {}};

TEST(FactsTest, ALineComesBackWhateverBytesItsIdentifiersHold) {
    std::string all_bytes;
    for (int byte = 0; byte < 256; ++byte)
        all_bytes += static_cast<char>(byte);
    for (const std::string& id :
         {std::string("P1"), all_bytes, std::string("a b%20"), std::string()})
        for (const auto kind : {Fact::Kind::tombstone, Fact::Kind::redirect, Fact::Kind::prior})
            for (const std::optional<std::string>& says :
                 {std::optional<std::string>(id), std::optional<std::string>("x"), {}}) {
                const Fact fact{kind, id, says};
                const auto read = read_facts(line_of(fact));
                EXPECT_TRUE(read.complete);
                EXPECT_EQ(read.facts.all(), std::vector{fact});
            }
}

TEST(FactsTest, ALineIsPlainTextWithoutControlCharacters) {
    EXPECT_EQ(line_of(erased), "tombstone put P1 m1 41b791bc98a6fe92\n");
    const std::string line = line_of({Fact::Kind::redirect, "a\nb c", "\xc3\xa9"});
    EXPECT_TRUE(line.starts_with("redirect put a%0ab%20c %c3%a9 ")) << line;
}

TEST(FactsTest, TheLastWordHolds) {
    const auto read = read_facts(line_of(erased) + line_of(merged) + line_of(lifted));
    EXPECT_TRUE(read.complete);
    EXPECT_EQ(read.facts.all(), (std::vector{lifted, merged}));
}

TEST(FactsTest, ATornLineIsNoFactAndTheOthersHold) {
    const std::string first = line_of(erased);
    const std::string second = line_of(merged);
    for (std::size_t kept = 1; kept + 1 < second.size(); ++kept) {
        const auto read = read_facts(first + second.substr(0, kept) + "\n" + first);
        EXPECT_FALSE(read.complete) << kept;
        EXPECT_EQ(read.facts.all(), std::vector{erased}) << kept;
    }
}

TEST(FactsTest, AnyByteThatIsChangedIsNoticed) {
    const std::string text = line_of(erased) + line_of(merged);
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string changed = text;
        changed[at] = static_cast<char>(changed[at] ^ 0x10);
        const auto read = read_facts(changed);
        EXPECT_FALSE(read.complete) << at;
        for (const Fact& fact : read.facts.all())
            EXPECT_TRUE(fact == erased || fact == merged) << at;
    }
}

TEST(FactsTest, AFactOfANewerVersionIsNotPassedOver) {
    // Its sum is right: no damage, but something this version cannot keep.
    const std::string newer = "shadow put P1 m1";
    std::string line = line_of(erased);
    EXPECT_FALSE(read_facts(newer + line.substr(line.rfind(' '))).complete);
    const auto error = store_error([] { read_facts("shadow put P1 m1 6892252bbb1a1457\n"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::too_new);
}

TEST(FactsTest, OfABatchOnlyWhatOutlivesTheStateIsAFact) {
    const Batch all = batch(Batch::PutLink{link("P1", "m1")}, Batch::PutTombstone{{"P1", "m1"}},
                            Batch::PutRedirect{"P2", "P3"}, Batch::Release{"P1"},
                            Batch::PutRedirect{"P2", ""}, Batch::DropTombstone{"P1"});
    EXPECT_EQ(facts_in(all),
              (std::vector{erased, merged, Fact{Fact::Kind::redirect, "P2", {}}, lifted}));
    EXPECT_EQ(facts_in(batch(change_for(erased), change_for(merged), change_for(lifted))),
              (std::vector{erased, merged, lifted}));
}

TEST(FactsTest, NewsIsWhatIsNotKnownYet) {
    Facts facts;
    EXPECT_TRUE(facts.is_news(erased));
    EXPECT_FALSE(facts.is_news(lifted)) << "of whom nobody spoke";
    facts.note(erased);
    EXPECT_FALSE(facts.is_news(erased));
    EXPECT_TRUE(facts.is_news({Fact::Kind::tombstone, "P1", "m2"}));
    EXPECT_TRUE(facts.is_news(lifted));
}

} // namespace
} // namespace medibridge::state::test
