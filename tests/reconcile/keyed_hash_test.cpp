#include "reconcile/keyed_hash.hpp"

#include "generators.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <sodium.h>
#include <vector>

namespace medibridge::reconcile {
namespace {

using Key = std::array<std::uint8_t, KeyedHash::key_size>;

KeyedHash::Hash by_libsodium(std::string_view message, const Key& key) {
    KeyedHash::Hash hash{};
    crypto_generichash(hash.data(), hash.size(),
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                       key.data(), key.size());
    return hash;
}

Key any_key() {
    Key key{};
    for (auto& byte : key)
        byte = *rc::gen::arbitrary<std::uint8_t>();
    return key;
}

void expect_libsodiums(const Key& key, const std::vector<std::string>& messages) {
    const std::vector<std::string_view> views(messages.begin(), messages.end());
    for (const bool wide : {true, false}) {
        const KeyedHash keyed(key, wide);
        std::vector<KeyedHash::Hash> hashes(messages.size());
        keyed.hash(views, hashes);
        for (std::size_t i = 0; i < messages.size(); ++i) {
            RC_ASSERT(hashes[i] == by_libsodium(messages[i], key));
            RC_ASSERT(hashes[i] == keyed.hash(messages[i]));
        }
    }
}

TEST(KeyedHashTest, IsLibsodiumsOfAnyMessages) {
    EXPECT_TRUE(rc::check([] {
        expect_libsodiums(any_key(), *rc::gen::container<std::vector<std::string>>(any_bytes()));
    }));
}

// One block holds 128 bytes, and four messages are hashed side by side.
TEST(KeyedHashTest, IsLibsodiumsOfEveryLengthAndNumber) {
    EXPECT_TRUE(rc::check([] {
        const auto key = any_key();
        std::vector<std::string> messages;
        for (std::size_t length = 0; length <= 260; ++length)
            messages.emplace_back(length, static_cast<char>(length));
        expect_libsodiums(key, messages);
        for (std::size_t count = 0; count < 10; ++count)
            expect_libsodiums(key, {messages.begin() + 70,
                                    messages.begin() + 70 + static_cast<std::ptrdiff_t>(count)});
    }));
}

} // namespace
} // namespace medibridge::reconcile
