#include "samples.hpp"
#include "state/sqlite/packing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <vector>

namespace medibridge::state::test {
namespace {

FieldDigests some_digests() {
    FieldDigests made{};
    for (FieldDigest& one : made)
        if (const auto seed = *rc::gen::inRange(0, 5); seed == 4)
            one = reconcile::cleared_digest;
        else if (seed != 0)
            one = field_digest(static_cast<std::uint8_t>(seed));
    return made;
}

RC_GTEST_PROP(PackingTest, BothSidesComeBack, ()) {
    const FieldDigests his = some_digests();
    const FieldDigests medicapp = some_digests();
    const PackedDigests packed(his, medicapp);
    FieldDigests his_back = digests(9);
    FieldDigests medicapp_back = digests(9);
    RC_ASSERT(unpack(packed.bytes(), his_back, medicapp_back));
    RC_ASSERT(his_back == his);
    RC_ASSERT(medicapp_back == medicapp);
}

RC_GTEST_PROP(PackingTest, OneSetComesBack, ()) {
    const FieldDigests sent = some_digests();
    const PackedDigests packed(sent);
    FieldDigests back = digests(9);
    RC_ASSERT(unpack(packed.bytes(), back));
    RC_ASSERT(back == sent);
}

RC_GTEST_PROP(PackingTest, AnyBytesAreReadWithinTheirBounds, (std::vector<std::uint8_t> bytes)) {
    FieldDigests his{};
    FieldDigests medicapp{};
    if (unpack(bytes, his, medicapp)) {
        FieldDigests again_his{};
        FieldDigests again_medicapp{};
        RC_ASSERT(unpack(PackedDigests(his, medicapp).bytes(), again_his, again_medicapp));
        RC_ASSERT(again_his == his);
    }
}

TEST(PackingTest, EqualSidesAreKeptOnceAndEmptyFieldsNotAtAll) {
    FieldDigests cleared{};
    cleared.fill(reconcile::cleared_digest);
    EXPECT_EQ(PackedDigests(digests(1), digests(1)).bytes().size(), 5U + 60U);
    EXPECT_EQ(PackedDigests(digests(1), digests(2)).bytes().size(), 5U + 120U);
    EXPECT_EQ(PackedDigests(digests(1), cleared).bytes().size(), 5U + 60U);
    EXPECT_EQ(PackedDigests(cleared, FieldDigests{}).bytes().size(), 5U);
    EXPECT_EQ(PackedDigests(digests(1)).bytes().size(), 3U + 60U);
    EXPECT_EQ(PackedDigests(cleared).bytes().size(), 3U);
}

TEST(PackingTest, RefusesWhatItCannotHaveWritten) {
    const PackedDigests packed(digests(1), digests(1));
    const std::vector<std::uint8_t> good(packed.bytes().begin(), packed.bytes().end());
    FieldDigests his{};
    FieldDigests medicapp{};
    for (const std::size_t size : {std::size_t{0}, std::size_t{3}, good.size() - 1})
        EXPECT_FALSE(unpack(std::span(good).first(size), his, medicapp)) << size;
    std::vector<std::uint8_t> longer = good;
    longer.push_back(0);
    EXPECT_FALSE(unpack(longer, his, medicapp));
    EXPECT_FALSE(unpack(good, his));
    // Of the first field: that Medicapp has the HIS's value, which is unknown or empty; or that
    // there is a state which none is.
    for (const std::uint8_t states : {0xc, 0xd, 0x3})
        EXPECT_FALSE(unpack(std::vector<std::uint8_t>{states, 0, 0, 0, 0}, his, medicapp));
    EXPECT_FALSE(unpack(std::vector<std::uint8_t>{3, 0, 0}, his));
    EXPECT_FALSE(unpack(std::vector<std::uint8_t>{0, 0, 0x10}, his)) << "an eleventh field";
}

} // namespace
} // namespace medibridge::state::test
