#include "connectors/hl7v2/senders.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace medibridge::connectors::hl7 {

namespace asio = boost::asio;
using Bytes = asio::ip::address_v6::bytes_type;

namespace {

constexpr unsigned bits_of_v6 = 128;
constexpr unsigned bits_before_v4 = 96; ///< of `::ffff:0:0/96` (RFC 4291 §2.5.5.2)
constexpr unsigned bits_of_a_host = 64;

/// IPv4 in its IPv6 form, so that both forms of one address are the same.
Bytes bytes_of(const asio::ip::address& address) {
    if (address.is_v6()) return address.to_v6().to_bytes();
    return asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes();
}

/// All bits behind the first `bits` zero.
Bytes masked(Bytes bytes, unsigned bits) {
    for (unsigned i = 0; i < bytes.size(); ++i) {
        const auto before = i * 8;
        if (before >= bits)
            bytes[i] = 0;
        else if (bits - before < 8)
            bytes[i] = static_cast<unsigned char>(bytes[i] & (0xFFU << (8 - (bits - before))));
    }
    return bytes;
}

} // namespace

std::optional<Network> Network::parse(std::string_view text) {
    const auto slash = text.find('/');
    boost::system::error_code failure;
    const auto address = asio::ip::make_address(std::string(text.substr(0, slash)), failure);
    if (failure || (address.is_v6() && address.to_v6().scope_id() != 0)) return std::nullopt;
    const unsigned longest = address.is_v4() ? bits_of_v6 - bits_before_v4 : bits_of_v6;
    unsigned bits = longest;
    if (slash != std::string_view::npos) {
        const auto* begin = text.data() + slash + 1;
        const auto* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(begin, end, bits);
        if (error != std::errc() || stop != end || bits > longest) return std::nullopt;
    }
    if (address.is_v4()) bits += bits_before_v4;
    if (masked(bytes_of(address), bits) != bytes_of(address)) return std::nullopt;
    return Network(address, bits);
}

Network::Network(const asio::ip::address& address, unsigned bits) : bits_(bits) {
    const auto bytes = bytes_of(address);
    prefix_.assign(bytes.begin(), bytes.end());
}

bool Network::contains(const asio::ip::address& address) const {
    return std::ranges::equal(masked(bytes_of(address), bits_), prefix_);
}

bool contain(const std::vector<Network>& networks, const asio::ip::address& address) {
    return std::ranges::any_of(
        networks, [&address](const Network& network) { return network.contains(address); });
}

std::string host_of(const asio::ip::address& address) {
    const auto bytes = bytes_of(address);
    const auto v6 = asio::ip::make_address_v6(bytes);
    if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
    return asio::ip::make_address_v6(masked(bytes, bits_of_a_host)).to_string() + "/64";
}

} // namespace medibridge::connectors::hl7
