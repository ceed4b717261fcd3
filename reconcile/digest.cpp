#include "reconcile/digest.hpp"

#include "base/bytes/encode.hpp"
#include "base/bytes/locked.hpp"
#include "reconcile/keyed_hash.hpp"

#include <algorithm>
#include <sodium.h>
#include <stdexcept>
#include <string>

namespace medibridge::reconcile {

struct Digester::Key {
    explicit Key(std::span<const std::uint8_t> key) : hash(key.first<key_size>()) {}

    KeyedHash hash;
};

namespace {

static_assert(Digester::key_size == KeyedHash::key_size);

Digest unreserved(Digest digest) {
    // Two values are reserved. A hash practically never hits one; if it does, this does no harm.
    if (digest == Digest{} || digest == cleared_digest) digest.front() ^= 0x80;
    return digest;
}

/// Messages of several parts, each part behind its length, so that no two lists of parts are the
/// same message. They are wiped at the end.
class Messages {
  public:
    Messages() { text_.reserve(usual_size); }
    ~Messages() { sodium_memzero(text_.data(), text_.size()); }
    Messages(const Messages&) = delete;
    Messages& operator=(const Messages&) = delete;

    /// Ends the message that was added to, if there was one.
    Messages& begin() {
        begins_[count_++] = text_.size();
        return *this;
    }
    Messages& add(std::string_view part) {
        std::array<char, 8> size{};
        for (std::size_t i = 0; i < size.size(); ++i)
            size[i] = static_cast<char>(static_cast<std::uint64_t>(part.size()) >> (8 * i));
        text_.append(size.data(), size.size()).append(part);
        return *this;
    }

    std::size_t count() const { return count_; }
    std::string_view operator[](std::size_t i) const {
        const auto end = i + 1 < count_ ? begins_[i + 1] : text_.size();
        return std::string_view(text_).substr(begins_[i], end - begins_[i]);
    }

  private:
    static constexpr std::size_t usual_size = 1024; ///< of all fields of a patient

    std::string text_;
    std::array<std::size_t, field_count> begins_{};
    std::size_t count_ = 0;
};

// The first part of every message says what the digest is for.
constexpr std::string_view field_purpose = "field";
constexpr std::string_view text_purpose = "text";
constexpr std::string_view pseudonym_purpose = "pseudonym";

constexpr std::size_t pseudonym_bytes = 6;
constexpr std::string_view nameless_prefix = "record:";

} // namespace

Digester::Digester(std::span<const std::uint8_t> key) {
    if (key.size() != key_size) throw std::invalid_argument("a digest key has 32 bytes");
    if (sodium_init() < 0) throw std::runtime_error("libsodium finds no source of randomness");
    key_ = std::allocate_shared<Key>(base::LockedAllocator<Key>(), key);
}

FieldDigests Digester::fields(const Patient& patient) const {
    FieldDigests digests{};
    Messages messages;
    std::array<std::size_t, field_count> places{};
    for (const Field field : all_fields()) {
        const auto& value = patient[field];
        const auto place = static_cast<std::size_t>(field);
        if (value.state() == FieldValue::State::cleared ||
            (value.is_known() && value.text().empty())) {
            digests[place] = cleared_digest;
        } else if (value.is_known()) {
            places[messages.count()] = place;
            messages.begin()
                .add(field_purpose)
                .add(name(field))
                .add(patient.external_id())
                .add(value.text());
        }
    }
    std::array<std::string_view, field_count> all{};
    std::array<Digest, field_count> hashes{};
    for (std::size_t i = 0; i < messages.count(); ++i)
        all[i] = messages[i];
    key_->hash.hash(std::span(all).first(messages.count()),
                    std::span(hashes).first(messages.count()));
    for (std::size_t i = 0; i < messages.count(); ++i)
        digests[places[i]] = unreserved(hashes[i]);
    return digests;
}

Digest Digester::text(std::string_view domain, std::string_view text) const {
    Messages messages;
    messages.begin().add(text_purpose).add(domain).add(text);
    return unreserved(key_->hash.hash(messages[0]));
}

std::string Digester::pseudonym(std::string_view external_id) const {
    Messages messages;
    messages.begin().add(pseudonym_purpose).add(external_id);
    const auto digest = unreserved(key_->hash.hash(messages[0]));
    return base::hex(std::span(digest).first(pseudonym_bytes));
}

std::string hex(const Digest& digest) {
    return base::hex(digest);
}

std::string nameless_key(const Digest& digest) {
    return std::string(nameless_prefix) + hex(digest);
}

bool is_nameless_key(std::string_view key) {
    return key.starts_with(nameless_prefix);
}

} // namespace medibridge::reconcile
