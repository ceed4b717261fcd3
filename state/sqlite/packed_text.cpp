#include "state/sqlite/packed_text.hpp"

#include "base/bytes/encode.hpp"
#include "reconcile/patient.hpp"

#include <algorithm>
#include <array>

namespace medibridge::state {
namespace {

using PackedId = std::vector<std::uint8_t>;

/// The first byte says how many of the id's first characters follow as they are; behind them, its
/// last digits stand two in a byte. Of a UUID there is nothing but digits:
constexpr std::uint8_t is_uuid = 0xff;
constexpr std::size_t uuid_size = 36;
constexpr std::array<std::size_t, 4> uuid_hyphens = {8, 13, 18, 23};

bool is_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

std::uint8_t value_of(char digit) {
    return static_cast<std::uint8_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

void append_digits(std::string_view digits, PackedId& bytes) {
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes.push_back(
            static_cast<std::uint8_t>(value_of(digits[i]) << 4U | value_of(digits[i + 1])));
}

bool is_a_uuid(std::string_view id) {
    if (id.size() != uuid_size) return false;
    for (std::size_t i = 0; i < id.size(); ++i) {
        const bool hyphen = std::ranges::find(uuid_hyphens, i) != uuid_hyphens.end();
        if (hyphen ? id[i] != '-' : !is_digit(id[i])) return false;
    }
    return true;
}

void append_uuid(std::string_view id, PackedId& bytes) {
    std::size_t begin = 0;
    for (const auto hyphen : uuid_hyphens) {
        append_digits(id.substr(begin, hyphen - begin), bytes);
        begin = hyphen + 1;
    }
    append_digits(id.substr(begin), bytes);
}

} // namespace

bool pack_id(std::string_view id, PackedId& bytes) {
    bytes.clear();
    if (is_a_uuid(id)) {
        bytes.push_back(is_uuid);
        append_uuid(id, bytes);
        return true;
    }
    std::size_t digits = 0;
    while (digits < id.size() && is_digit(id[id.size() - 1 - digits]))
        ++digits;
    digits -= digits % 2;
    const std::size_t others = id.size() - digits;
    if (1 + digits / 2 >= digits || others >= is_uuid) return false;
    bytes.push_back(static_cast<std::uint8_t>(others));
    bytes.insert(bytes.end(), id.begin(), id.begin() + static_cast<std::ptrdiff_t>(others));
    append_digits(id.substr(others), bytes);
    return true;
}

std::optional<PackedId> pack_id(std::string_view id) {
    PackedId bytes;
    if (!pack_id(id, bytes)) return std::nullopt;
    return bytes;
}

std::string unpack_id(std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) return {};
    const std::size_t head = bytes.front();
    const auto rest = bytes.subspan(1);
    if (head == is_uuid) {
        auto text = base::hex(rest);
        for (const auto at : uuid_hyphens)
            if (at <= text.size()) text.insert(at, 1, '-');
        return text;
    }
    const auto others = rest.first(std::min(head, rest.size()));
    return std::string(others.begin(), others.end()) + base::hex(rest.subspan(others.size()));
}

std::optional<std::int64_t> pack_fields(std::string_view text) {
    reconcile::FieldSet fields;
    std::int64_t bits = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const auto comma = std::min(rest.find(','), rest.size());
        const auto field = reconcile::field_named(rest.substr(0, comma));
        if (!field) return std::nullopt;
        fields.add(*field);
        bits |= std::int64_t{1} << static_cast<int>(*field);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    if (bits == 0 || reconcile::names(fields) != text) return std::nullopt;
    return bits;
}

std::string unpack_fields(std::int64_t bits) {
    reconcile::FieldSet fields;
    for (const auto field : reconcile::all_fields())
        if ((bits >> static_cast<int>(field) & 1) != 0) fields.add(field);
    return reconcile::names(fields);
}

} // namespace medibridge::state
