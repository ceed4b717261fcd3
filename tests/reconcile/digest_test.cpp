#include "reconcile/digest.hpp"

#include "generators.hpp"

#include <gtest/gtest.h>
#include <set>
#include <sodium.h>
#include <stdexcept>

namespace medibridge::reconcile {
namespace {

Digester digester(std::uint8_t seed = 7) {
    const std::vector<std::uint8_t> key(Digester::key_size, seed);
    return Digester(key);
}

FieldDigest phone_digest(const Digester& digests, const std::string& id, const FieldValue& value) {
    Patient patient(id);
    patient[Field::phone] = value;
    return digests.fields(patient)[static_cast<std::size_t>(Field::phone)];
}

TEST(DigesterTest, RefusesKeysOfAnotherSize) {
    for (const std::size_t size : {0u, 16u, 31u, 33u, 64u}) {
        const std::vector<std::uint8_t> key(size, 7);
        EXPECT_THROW(Digester{key}, std::invalid_argument) << size;
    }
}

TEST(DigesterTest, UnknownIsZeroAndEmptyIsItsOwnForEverybody) {
    const auto digests = digester();
    EXPECT_EQ(phone_digest(digests, "1", FieldValue()), FieldDigest{});
    EXPECT_EQ(phone_digest(digests, "1", FieldValue::unreadable("is a list")), FieldDigest{});
    EXPECT_EQ(phone_digest(digests, "1", FieldValue::cleared()), cleared_digest);
    EXPECT_EQ(phone_digest(digests, "2", FieldValue::known("")), cleared_digest);
    EXPECT_NE(cleared_digest, FieldDigest{});
}

TEST(DigesterTest, DependsOnKeyPatientFieldAndValue) {
    Patient patient("1");
    for (const Field field : all_fields())
        patient[field] = FieldValue::known("x");
    std::set<FieldDigest> all;
    std::size_t count = 0;
    const auto add = [&](const FieldDigests& digests) {
        for (const auto& digest : digests) {
            all.insert(digest);
            ++count;
        }
    };
    add(digester().fields(patient));
    add(digester(8).fields(patient));
    patient.set_external_id("2");
    add(digester().fields(patient));
    for (const Field field : all_fields())
        patient[field] = FieldValue::known("y");
    add(digester().fields(patient));
    EXPECT_EQ(all.size(), count);
}

TEST(DigesterTest, SameInputGivesTheSameDigestAcrossCopies) {
    const auto first = digester();
    const auto copy = first;
    EXPECT_EQ(phone_digest(first, "1", FieldValue::known("+33612345678")),
              phone_digest(copy, "1", FieldValue::known("+33612345678")));
    EXPECT_EQ(digester().text("a", "b"), first.text("a", "b"));
}

/// The documented digest: of the parts, each behind its length.
Digest blake2b_of(const std::vector<std::string>& parts) {
    std::string message;
    for (const std::string& part : parts) {
        message += static_cast<char>(part.size() & 0xff);
        message += static_cast<char>(part.size() >> 8);
        message += std::string(6, '\0');
        message += part;
    }
    const std::vector<std::uint8_t> key(Digester::key_size, 7);
    Digest digest{};
    crypto_generichash(digest.data(), digest.size(),
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                       key.data(), key.size());
    return digest;
}

// States written by earlier versions must stay readable: the digest is the documented one.
TEST(DigesterTest, IsTheFrontOfBlake2bOverPartsBehindTheirLengths) {
    const auto expected = blake2b_of({"field", "phone", "IPP-1", "+33612345678"});
    FieldDigest front{};
    std::copy_n(expected.begin(), front.size(), front.begin());
    EXPECT_EQ(phone_digest(digester(), "IPP-1", FieldValue::known("+33612345678")), front);
}

TEST(DigesterTest, IsThatOfPartsOfAnySize) {
    const auto digests = digester();
    for (std::size_t size = 0; size < 700; ++size) {
        const std::string part(size, 'p');
        EXPECT_EQ(digests.text("domain", part), blake2b_of({"text", "domain", part})) << size;
        EXPECT_EQ(digests.text(part, "text"), blake2b_of({"text", part, "text"})) << size;
    }
}

TEST(DigesterTest, BordersBetweenPartsCount) {
    const auto digests = digester();
    EXPECT_NE(digests.text("ab", "c"), digests.text("a", "bc"));
    EXPECT_NE(digests.text("", "abc"), digests.text("abc", ""));
    EXPECT_NE(phone_digest(digests, "12", FieldValue::known("3")),
              phone_digest(digests, "1", FieldValue::known("23")));
    EXPECT_TRUE(rc::check([&] {
        const auto a = *rc::gen::pair(pieces({"a", "b"}), pieces({"a", "b"}));
        const auto b = *rc::gen::pair(pieces({"a", "b"}), pieces({"a", "b"}));
        RC_ASSERT((digests.text(a.first, a.second) == digests.text(b.first, b.second)) == (a == b));
    }));
}

TEST(DigesterTest, PseudonymsAreTwelveHexadecimalDigits) {
    const auto name = digester().pseudonym("IPP-1");
    EXPECT_EQ(name.size(), 12u);
    EXPECT_EQ(name.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(name, digester().pseudonym("IPP-1"));
    EXPECT_NE(name, digester().pseudonym("IPP-2"));
    EXPECT_NE(name, digester(8).pseudonym("IPP-1"));
}

TEST(NamelessKeyTest, IsThatOfNoExternalId) {
    Digest digest{};
    digest.back() = 0x2a;
    EXPECT_EQ(nameless_key(digest), "record:0000000000000000000000000000002a");
    EXPECT_TRUE(is_nameless_key(nameless_key(digest)));
    EXPECT_FALSE(is_nameless_key("IPP-1"));
}

} // namespace
} // namespace medibridge::reconcile
