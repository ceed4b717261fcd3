#include "reconcile/keyed_hash.hpp"

#include <algorithm>
#include <cassert>
#include <sodium.h>

namespace medibridge::reconcile {

namespace {

static_assert(KeyedHash::key_size == crypto_generichash_KEYBYTES);
static_assert(sizeof(KeyedHash::Hash) >= crypto_generichash_BYTES_MIN);

using HashWord = std::uint64_t;
using HashState = std::array<HashWord, 8>;

constexpr std::size_t hash_lanes = 4;
/// The same word of the messages that are hashed side by side.
using HashWords [[gnu::vector_size(hash_lanes * sizeof(HashWord))]] = HashWord;

using HashStates = std::array<HashState, hash_lanes>;

/// §2.6
constexpr HashState initial_state = {0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B,
                                     0xA54FF53A5F1D36F1, 0x510E527FADE682D1, 0x9B05688C2B3E6C1F,
                                     0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179};

/// §2.7
constexpr std::array<std::array<std::uint8_t, 16>, 10> sigma = {{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}};
constexpr std::size_t hash_rounds = 12;

/// One block of each message, and how many bytes were hashed with it.
struct Blocks {
    std::array<std::array<std::uint8_t, KeyedHash::block_size>, hash_lanes> bytes{};
    std::array<HashWord, hash_lanes> hashed{};
    bool last = false;
};

/// A word of a hash: the lowest byte comes first.
HashWord word_at(const std::uint8_t* bytes) {
    HashWord word = 0;
    for (std::size_t i = sizeof word; i-- > 0;)
        word = word << 8U | bytes[i];
    return word;
}

[[gnu::always_inline]] inline void mix(HashWords& a, HashWords& b, HashWords& c, HashWords& d,
                                       const HashWords& x, const HashWords& y) {
    const auto turn = [](HashWords& word, int right) {
        word = (word >> right) | (word << (64 - right));
    };
    a += b + x;
    turn(d ^= a, 32);
    c += d;
    turn(b ^= c, 24);
    a += b + y;
    turn(d ^= a, 16);
    c += d;
    turn(b ^= c, 63);
}

/// §3.2, for all messages from the same state on.
[[gnu::always_inline]] inline void compress_all(const HashState& state, const Blocks& blocks,
                                                HashStates& results) {
    std::array<HashWords, 16> m{};
    std::array<HashWords, 16> v{};
    for (std::size_t i = 0; i < m.size(); ++i)
        for (std::size_t lane = 0; lane < hash_lanes; ++lane)
            m[i][lane] = word_at(blocks.bytes[lane].data() + i * sizeof(HashWord));
    for (std::size_t i = 0; i < state.size(); ++i) {
        v[i] = HashWords{} + state[i];
        v[i + 8] = HashWords{} + initial_state[i];
    }
    for (std::size_t lane = 0; lane < hash_lanes; ++lane)
        v[12][lane] ^= blocks.hashed[lane];
    if (blocks.last) v[14] = ~v[14];
    for (std::size_t round = 0; round < hash_rounds; ++round) {
        const auto& s = sigma[round % sigma.size()];
        mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
        mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
        mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
        mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
        mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
        mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
        mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
        mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
    }
    for (std::size_t i = 0; i < state.size(); ++i) {
        const HashWords word = v[i] ^ v[i + 8] ^ state[i];
        for (std::size_t lane = 0; lane < hash_lanes; ++lane)
            results[lane][i] = word[lane];
    }
}

#ifdef __x86_64__
[[gnu::target("avx2")]] void compress_wide(const HashState& state, const Blocks& blocks,
                                           HashStates& results) {
    compress_all(state, blocks, results);
}

bool has_wide_registers() {
    return __builtin_cpu_supports("avx2") != 0;
}
#else
void compress_wide(const HashState& state, const Blocks& blocks, HashStates& results) {
    compress_all(state, blocks, results);
}

bool has_wide_registers() {
    return false;
}
#endif

void compress(const HashState& state, const Blocks& blocks, bool wide, HashStates& results) {
    if (wide)
        compress_wide(state, blocks, results);
    else
        compress_all(state, blocks, results);
}

KeyedHash::Hash hash_of(const HashState& state) {
    KeyedHash::Hash hash{};
    for (std::size_t i = 0; i < hash.size(); ++i)
        hash[i] =
            static_cast<std::uint8_t>(state[i / sizeof(HashWord)] >> (8 * (i % sizeof(HashWord))));
    return hash;
}

} // namespace

/// §2.5 and §3.3: the parameters, and the key as the first block.
KeyedHash::KeyedHash(std::span<const std::uint8_t, key_size> key, bool wide)
    : wide_(wide && has_wide_registers()) {
    std::ranges::copy(key, key_.begin());
    auto state = initial_state;
    state[0] ^= 0x01010000U ^ key_size << 8U ^ sizeof(Hash);
    Blocks blocks;
    std::ranges::copy(key, blocks.bytes[0].begin());
    blocks.hashed[0] = block_size;
    HashStates results{};
    compress(state, blocks, wide_, results);
    keyed_ = results[0];
    sodium_memzero(&blocks, sizeof blocks);
    sodium_memzero(&results, sizeof results);
}

KeyedHash::~KeyedHash() {
    sodium_memzero(key_.data(), key_.size());
    sodium_memzero(keyed_.data(), sizeof keyed_);
}

KeyedHash::Hash KeyedHash::hash(std::string_view message) const {
    Hash hash{};
    crypto_generichash(hash.data(), hash.size(),
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                       key_.data(), key_.size());
    return hash;
}

void KeyedHash::hash(std::span<const std::string_view> messages, std::span<Hash> hashes) const {
    assert(messages.size() == hashes.size());
    std::array<std::size_t, hash_lanes> places{};
    Blocks blocks;
    blocks.last = true;
    HashStates results{};
    std::size_t used = 0;
    const auto finish = [&] {
        compress(keyed_, blocks, wide_, results);
        for (std::size_t lane = 0; lane < used; ++lane)
            hashes[places[lane]] = hash_of(results[lane]);
        used = 0;
    };
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto& message = messages[i];
        if (message.empty() || message.size() > block_size) {
            hashes[i] = hash(message);
            continue;
        }
        auto& block = blocks.bytes[used];
        std::fill(std::ranges::copy(message, block.begin()).out, block.end(), std::uint8_t{0});
        blocks.hashed[used] = block_size + message.size();
        places[used++] = i;
        if (used == hash_lanes) finish();
    }
    if (used > 0) finish();
    sodium_memzero(&blocks, sizeof blocks);
}

} // namespace medibridge::reconcile
