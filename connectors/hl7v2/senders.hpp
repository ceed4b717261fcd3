#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Internal to the MLLP listener: who may send.
namespace medibridge::connectors::hl7 {

/// A network of IP addresses: all that share the first `bits`.
class Network {
  public:
    /// `10.1.0.0/16`, `2001:db8::/32`, or one address. Nothing: it is neither, or it names a host
    /// within the network (`10.1.0.7/16`), which may be a mistake.
    static std::optional<Network> parse(std::string_view text);

    bool contains(const boost::asio::ip::address& address) const;

  private:
    Network(const boost::asio::ip::address& address, unsigned bits);

    std::vector<unsigned char> prefix_; ///< the address in its form of 16 bytes
    unsigned bits_ = 0;
};

/// Whether one of the networks contains the address.
bool contain(const std::vector<Network>& networks, const boost::asio::ip::address& address);

/// Whom connections from an address are counted for: an IPv4 address, or an IPv6 network of 64
/// bits, of which a host may have as many addresses as it likes.
std::string host_of(const boost::asio::ip::address& address);

} // namespace medibridge::connectors::hl7
