#include "sync/core/consent.hpp"

#include "base/bytes/encode.hpp"
#include "base/bytes/hash.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace medibridge::sync {

namespace {

/// Of a fingerprint.
constexpr int token_digits = 16;

} // namespace

std::uint64_t fingerprint_of(std::string_view kind, std::string_view thing) {
    return base::text_hash(std::string(kind) + '\n' + std::string(thing));
}

Consent Consent::to(const Evidence& shown) {
    Consent consent;
    consent.given_ = true;
    consent.add(shown);
    return consent;
}

Consent Consent::to_all_that_is_found() {
    Consent consent;
    consent.given_ = true;
    consent.to_all_ = true;
    return consent;
}

Consent Consent::from(std::string_view text) {
    Evidence shown;
    for (; text.size() >= std::size_t{token_digits}; text.remove_prefix(token_digits)) {
        const auto* const end = text.data() + token_digits;
        std::uint64_t thing = 0;
        const auto read = std::from_chars(text.data(), end, thing, 16);
        if (read.ec != std::errc() || read.ptr != end) return {};
        shown.push_back(thing);
    }
    return text.empty() && !shown.empty() ? to(shown) : Consent();
}

bool Consent::names(std::uint64_t thing) const {
    return std::ranges::binary_search(shown_, thing);
}

bool Consent::covers(const Evidence& things) const {
    return given_ && std::ranges::all_of(things, [this](auto thing) { return covers(thing); });
}

void Consent::add(const Evidence& things) {
    shown_.insert(shown_.end(), things.begin(), things.end());
    std::ranges::sort(shown_);
    const auto twice = std::ranges::unique(shown_);
    shown_.erase(twice.begin(), twice.end());
}

void Consent::add(const Consent& other) {
    given_ = given_ || other.given_;
    to_all_ = to_all_ || other.to_all_;
    add(other.shown_);
}

Consent Consent::lasting() const {
    return shown_.empty() ? Consent() : to(shown_);
}

std::string Consent::text() const {
    std::string text;
    text.reserve(shown_.size() * std::size_t{token_digits});
    for (const auto thing : shown_)
        text += base::hex_number(thing, token_digits);
    return text;
}

} // namespace medibridge::sync
