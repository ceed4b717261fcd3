#include "state/key_ring.hpp"

#include "base/bytes/encode.hpp"
#include "base/bytes/locked.hpp"
#include "reconcile/digest.hpp"
#include "state/key.hpp"

#include <algorithm>
#include <charconv>
#include <sodium.h>
#include <stdexcept>

namespace medibridge::state {

struct KeyBytes::Memory {
    Memory() = default;
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory() { sodium_memzero(bytes.data(), bytes.size()); }

    std::array<std::uint8_t, size> bytes{};
};

namespace {

constexpr std::string_view ring_place = "medibridge key ring";
constexpr std::string_view master_place = "medibridge master key";

void use_sodium() {
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be used on this machine");
}

/// Text with keys in it, which goes without a trace.
class Spelled {
  public:
    explicit Spelled(std::string text = {}) : text_(std::move(text)) {}
    Spelled(const Spelled&) = delete;
    Spelled& operator=(const Spelled&) = delete;
    ~Spelled() { base::wipe(text_.data(), text_.size()); }

    void line(std::string_view word, std::string_view first, std::string_view second = {}) {
        text_.append(word).append(" ").append(first);
        if (!second.empty()) text_.append(" ").append(second);
        text_ += '\n';
    }
    std::string_view text() const { return text_; }

  private:
    std::string text_;
};

std::string spelled(const KeyBytes& key) {
    return base::hex(key.bytes());
}

std::optional<KeyBytes> key_in(std::string_view text) {
    auto bytes = base::from_hex(text);
    if (!bytes || bytes->size() != KeyBytes::size) return std::nullopt;
    KeyBytes key(*bytes);
    base::wipe(bytes->data(), bytes->size());
    return key;
}

/// Cuts off the part before the separator, or all of it.
std::string_view cut(std::string_view& text, char separator) {
    const auto end = std::min(text.find(separator), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

/// False: this version does not know such a line.
bool read_line(std::string_view line, KeyRing& ring) {
    const auto word = cut(line, ' ');
    if (word == "successor") {
        ring.successor = line;
        return true;
    }
    AuditEra era{0, ring.seal};
    if (word == "audit") {
        const auto number = cut(line, ' ');
        const auto read =
            std::from_chars(number.data(), number.data() + number.size(), era.until_id);
        if (read.ec != std::errc()) return false;
    }
    const auto key = key_in(line);
    if (!key) return false;
    if (word == "digest")
        ring.digest = *key;
    else if (word == "seal")
        ring.seal = *key;
    else if (word == "former")
        ring.former = key;
    else if (word == "audit")
        ring.eras.push_back({era.until_id, *key});
    else
        return false;
    return true;
}

} // namespace

KeyBytes::KeyBytes(std::span<const std::uint8_t> bytes) {
    if (bytes.size() != size) throw std::invalid_argument("a state key has 32 bytes");
    use_sodium();
    const auto memory = std::allocate_shared<Memory>(base::LockedAllocator<Memory>());
    std::ranges::copy(bytes, memory->bytes.begin());
    memory_ = memory;
}

KeyBytes KeyBytes::random() {
    use_sodium();
    const auto memory = std::allocate_shared<Memory>(base::LockedAllocator<Memory>());
    randombytes_buf(memory->bytes.data(), memory->bytes.size());
    return KeyBytes(memory);
}

std::span<const std::uint8_t, KeyBytes::size> KeyBytes::bytes() const {
    return memory_->bytes;
}

std::string KeyBytes::check() const {
    return reconcile::Digester(bytes()).pseudonym("medibridge state key");
}

bool KeyBytes::operator==(const KeyBytes& other) const {
    return sodium_memcmp(memory_->bytes.data(), other.memory_->bytes.data(), size) == 0;
}

KeyRing::KeyRing(const KeyBytes& state_key)
    : digest(state_key),
      seal(state_key),
      holder(state_key.check()) {}

std::string KeyRing::close() const {
    Spelled text;
    text.line("digest", spelled(digest));
    text.line("seal", spelled(seal));
    if (former) text.line("former", spelled(*former));
    for (const auto& era : eras)
        text.line("audit", std::to_string(era.until_id), spelled(era.key));
    if (!successor.empty()) text.line("successor", successor);
    return base::hex(Seal(master.value().bytes()).close(text.text(), ring_place));
}

std::optional<KeyRing> KeyRing::open(std::string_view closed, const KeyBytes& master) {
    const auto bytes = base::from_hex(closed);
    if (!bytes) return std::nullopt;
    auto opened = Seal(master.bytes()).open(std::string(bytes->begin(), bytes->end()), ring_place);
    if (!opened) return std::nullopt;
    const Spelled text(*std::move(opened));
    KeyRing ring(master);
    ring.holder.clear();
    ring.master = master;
    for (auto rest = text.text(); !rest.empty();)
        if (!read_line(cut(rest, '\n'), ring)) return std::nullopt;
    return ring;
}

std::string wrap_master(const KeyBytes& master, const KeyBytes& state_key) {
    const Spelled text(spelled(master));
    return base::hex(Seal(state_key.bytes()).close(text.text(), master_place));
}

std::optional<KeyBytes> unwrap_master(std::string_view wrapped, const KeyBytes& state_key) {
    const auto bytes = base::from_hex(wrapped);
    if (!bytes) return std::nullopt;
    auto opened =
        Seal(state_key.bytes()).open(std::string(bytes->begin(), bytes->end()), master_place);
    if (!opened) return std::nullopt;
    const Spelled text(*std::move(opened));
    return key_in(text.text());
}

} // namespace medibridge::state
