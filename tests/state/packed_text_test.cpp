#include "state/sqlite/packed_text.hpp"

#include "reconcile/patient.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace medibridge::state::test {
namespace {

/// What pack_id makes of it, as `size` bytes; 0: nothing.
struct PackedCase {
    std::string id;
    std::size_t size;
};

class PackIdTest : public testing::TestWithParam<PackedCase> {};

TEST_P(PackIdTest, MakesItShorterWhereItCanAndComesBack) {
    const auto& [id, size] = GetParam();
    const auto packed = pack_id(id);
    EXPECT_EQ(packed ? packed->size() : 0, size);
    if (packed) {
        EXPECT_LT(packed->size(), id.size());
        EXPECT_EQ(unpack_id(*packed), id);
    }
}

INSTANTIATE_TEST_SUITE_P(Ids, PackIdTest,
                         testing::Values(PackedCase{"", 0}, PackedCase{"1", 0}, PackedCase{"12", 0},
                                         PackedCase{"123", 0}, PackedCase{"1234", 3},
                                         PackedCase{"8001234567", 6}, PackedCase{"0080000000", 6},
                                         PackedCase{"80012345678", 7}, PackedCase{"IPP-1000042", 9},
                                         PackedCase{"pat_91d2208d824d4cd6", 13},
                                         PackedCase{"5f0c3a7e9b1d4c2f8a6e0b3d", 13},
                                         PackedCase{"facade", 4}, PackedCase{"Facade", 5},
                                         PackedCase{"1234X", 0},
                                         PackedCase{"3fa85f64-5717-4562-b3fc-2c963f66afa6", 17},
                                         PackedCase{"3FA85F64-5717-4562-B3FC-2C963F66AFA6", 0},
                                         PackedCase{"3fa85f64-5717-4562-b3fc+2c963f66afa6", 31},
                                         PackedCase{"3fa85f64-5717-4562-b3fc-2c963f66afa6 ", 0},
                                         PackedCase{std::string(254, 'x') + "1234", 257},
                                         PackedCase{std::string(255, 'x') + "1234", 0}));

/// Of few characters, so that all forms come up.
std::string any_id() {
    return *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0189afAxyz-_\0é", 15)));
}

RC_GTEST_PROP(PackIdTest, EachTextHasItsOwnForm, ()) {
    const auto a = any_id();
    const auto b = any_id();
    const auto packed = pack_id(a);
    if (packed) RC_ASSERT(unpack_id(*packed) == a);
    RC_ASSERT(!packed || packed != pack_id(b) || a == b);
}

RC_GTEST_PROP(PackIdTest, AnyBytesAreReadWithinTheirBounds, (std::vector<std::uint8_t> bytes)) {
    unpack_id(bytes);
}

TEST(PackFieldsTest, AListOfFieldsInTheirOrderIsANumberAndNothingElse) {
    using reconcile::Field;
    reconcile::FieldSet some;
    some.add(Field::last_name);
    some.add(Field::postal_code);
    for (const auto& fields : {some, reconcile::every_field(), reconcile::address_fields()}) {
        const auto text = reconcile::names(fields);
        const auto packed = pack_fields(text);
        ASSERT_TRUE(packed) << text;
        EXPECT_EQ(unpack_fields(*packed), text);
    }
    for (const std::string other : {"", ",", "x", "lastName,", ",lastName", "lastName,lastName",
                                    "firstName,lastName", "lastName firstName", "lastName,x"})
        EXPECT_FALSE(pack_fields(other)) << other;
    EXPECT_EQ(unpack_fields(std::int64_t{1} << 62), "");
}

} // namespace
} // namespace medibridge::state::test
