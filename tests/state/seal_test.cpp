#include "state/key.hpp"

#include <array>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <stdexcept>

namespace medibridge::state::test {
namespace {

using StateKey = std::array<std::uint8_t, Seal::key_size>;

StateKey key(std::uint8_t seed) {
    StateKey made{};
    made.fill(seed);
    return made;
}

RC_GTEST_PROP(SealTest, OpensToWhatWasClosed, (const std::string& text, const std::string& place)) {
    const auto sealed = Seal(key(1)).close(text, place);
    RC_ASSERT(Seal(key(1)).open(sealed, place) == text);
}

RC_GTEST_PROP(SealTest, DoesNotOpenOnceAnyBitIsChanged, (const std::string& text)) {
    auto sealed = Seal(key(1)).close(text, "place");
    const auto at = *rc::gen::inRange<std::size_t>(0, sealed.size());
    const auto bit = *rc::gen::inRange(0, 8);
    sealed[at] = static_cast<char>(sealed[at] ^ (1 << bit));
    RC_ASSERT(!Seal(key(1)).open(sealed, "place"));
    RC_ASSERT(!Seal(key(1)).open(sealed.substr(0, at), "place"));
}

TEST(SealTest, DoesNotOpenElsewhereOrUnderAnotherKey) {
    const auto sealed = Seal(key(1)).close("Martin", "adt 8001");
    EXPECT_FALSE(Seal(key(1)).open(sealed, "adt 8002"));
    EXPECT_FALSE(Seal(key(2)).open(sealed, "adt 8001"));
    EXPECT_TRUE(Seal(key(1)).open(sealed, "adt 8001"));
}

TEST(SealTest, ShowsNothingOfTheTextNorThatItIsTheSame) {
    const Seal seal(key(1));
    const std::string text = "Martin";
    const auto sealed = seal.close(text, "");
    EXPECT_EQ(sealed.find(text), std::string::npos);
    EXPECT_NE(sealed, seal.close(text, ""));
}

TEST(SealTest, RefusesAKeyOfAnotherSize) {
    const std::array<std::uint8_t, 31> less{};
    EXPECT_THROW(Seal{less}, std::invalid_argument);
}

} // namespace
} // namespace medibridge::state::test
