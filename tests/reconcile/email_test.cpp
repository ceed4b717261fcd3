#include "reconcile/normal_form.hpp"

#include "generators.hpp"

#include <gtest/gtest.h>

namespace medibridge::reconcile {
namespace {

std::string email(std::string_view text) {
    const auto normal = normal_email(text);
    return normal.ok() ? normal.text : "! " + std::string(normal.defect);
}

TEST(EmailTest, TrimsAndLowersTheDomainOnly) {
    EXPECT_EQ(email(" Anne.LeGoff@Example.FR\u00A0"), "Anne.LeGoff@example.fr");
    EXPECT_EQ(email("a+b_c'd@sub.x-1.example"), "a+b_c'd@sub.x-1.example");
    EXPECT_EQ(email("  "), "");
}

TEST(EmailTest, RefusesWhatIsNotOnePlainAddress) {
    for (const auto* text : {"anne",
                             "@example.fr",
                             "anne@",
                             "anne@fr",
                             "anne@@example.fr",
                             "a@b@example.fr",
                             "anne le@example.fr",
                             "anne@exam ple.fr",
                             ".anne@example.fr",
                             "anne.@example.fr",
                             "an..ne@example.fr",
                             "anne@.example.fr",
                             "anne@example.fr.",
                             "anne@example..fr",
                             "anne@-example.fr",
                             "anne@example-.fr",
                             "anne@exa_mple.fr",
                             "anne@192.168.0.1",
                             "anne@[192.168.0.1]",
                             "\"anne le\"@example.fr",
                             "Anne <anne@example.fr>",
                             "a@example.fr;b@example.fr",
                             "a@example.fr, b@example.fr",
                             "hélène@example.fr",
                             "anne@exämple.fr",
                             "mailto:anne@example.fr,"})
        EXPECT_EQ(email(text), "! is not an e-mail address") << text;
    EXPECT_EQ(email("anne@\nexample.fr"), "! holds a line break or tab");
}

TEST(EmailTest, HoldsTheLimitsOfSmtp) {
    const std::string local(64, 'a');
    EXPECT_EQ(email(local + "@example.fr"), local + "@example.fr");
    EXPECT_EQ(email("a" + local + "@example.fr"), "! is not an e-mail address");
    const std::string label(63, 'b');
    EXPECT_EQ(email("a@" + label + ".fr"), "a@" + label + ".fr");
    EXPECT_EQ(email("a@b" + label + ".fr"), "! is not an e-mail address");
    const auto domain = label + "." + label + "." + label + ".";
    EXPECT_TRUE(normal_email("a@" + domain + std::string(60, 'c')).ok());
    EXPECT_FALSE(normal_email("a@" + domain + std::string(61, 'c')).ok());
}

TEST(EmailTest, ANormalAddressIsItsOwnNormalForm) {
    EXPECT_TRUE(rc::check([] {
        const auto once = normal_email(*rc::gen::oneOf(
            odd_text(), pieces({"a", "B", "@", ".", "-", "1", " ", "fr", "x@y.fr"})));
        if (!once.ok()) return;
        const auto twice = normal_email(once.text);
        RC_ASSERT(twice.ok());
        RC_ASSERT(twice.text == once.text);
    }));
}

} // namespace
} // namespace medibridge::reconcile
