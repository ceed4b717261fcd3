#include "base/bytes/encode.hpp"
#include "test_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace medibridge::connectors {
namespace {

using Algorithm = JwtSigner::Algorithm;

JwtClaims claims() {
    JwtClaims claims;
    claims.subject = "medibridge";
    claims.audience = "https://sso.local/token";
    claims.issued_at = std::chrono::sys_seconds(std::chrono::seconds(1'770'000'000));
    claims.id = "jti-1";
    return claims;
}

TEST(JwtSignerTest, SignsWithRs384) {
    const JwtSigner signer(private_key(Algorithm::rs384), Algorithm::rs384, "key-1");
    const auto opened = open_token(signer.sign(claims()), Algorithm::rs384);
    EXPECT_TRUE(opened.verified);
    EXPECT_EQ(opened.header.dump(), R"({"alg":"RS384","kid":"key-1","typ":"JWT"})");
    EXPECT_EQ(opened.claims.dump(),
              R"({"aud":"https://sso.local/token","exp":1770000240,"iat":1770000000,)"
              R"("iss":"medibridge","jti":"jti-1","sub":"medibridge"})");
}

TEST(JwtSignerTest, SignsWithEs384AsTwoNumbersOf48Bytes) {
    const JwtSigner signer(private_key(Algorithm::es384), Algorithm::es384, "");
    for (int i = 0; i < 40; ++i) { // numbers with leading zeros come now and then
        const auto opened = open_token(signer.sign(claims()), Algorithm::es384);
        EXPECT_TRUE(opened.verified);
        EXPECT_EQ(opened.signature_size, 96u);
        EXPECT_EQ(opened.header.dump(), R"({"alg":"ES384","typ":"JWT"})");
    }
}

TEST(JwtSignerTest, ASignatureIsOfThisTextOnly) {
    const JwtSigner signer(private_key(Algorithm::rs384), Algorithm::rs384, "");
    auto token = signer.sign(claims());
    token[token.find('.') + 5] ^= 1;
    EXPECT_FALSE(open_token(token, Algorithm::rs384).verified);
}

TEST(JwtSignerTest, RefusesKeysThatDoNotFitWithoutRepeatingThem) {
    const auto refusal = [](const std::string& pem, Algorithm algorithm) -> std::string {
        try {
            const JwtSigner signer(pem, algorithm, "");
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_THAT(refusal(private_key(Algorithm::rs384), Algorithm::es384),
                testing::HasSubstr("P-384"));
    EXPECT_THAT(refusal(private_key(Algorithm::es384), Algorithm::rs384),
                testing::HasSubstr("RSA"));
    const auto planted = refusal("-----BEGIN PRIVATE KEY-----\nplanted\n-----END PRIVATE KEY-----",
                                 Algorithm::rs384);
    EXPECT_THAT(planted, testing::HasSubstr("auth.private_key_jwt.key"));
    EXPECT_THAT(planted, testing::Not(testing::HasSubstr("planted")));
}

TEST(JwtSignerTest, IdsAreNeverTheSame) {
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i)
        ids.insert(fresh_jwt_id());
    EXPECT_EQ(ids.size(), 100u);
}

} // namespace
} // namespace medibridge::connectors
