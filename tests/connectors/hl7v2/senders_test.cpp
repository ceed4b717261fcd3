#include "connectors/hl7v2/senders.hpp"

#include <gtest/gtest.h>

namespace medibridge::connectors::hl7 {
namespace {

bool contains(const char* network, const char* address) {
    const auto parsed = Network::parse(network);
    EXPECT_TRUE(parsed) << network;
    return parsed && parsed->contains(boost::asio::ip::make_address(address));
}

TEST(Hl7Senders, ANetworkContainsItsAddresses) {
    EXPECT_TRUE(contains("10.1.2.3", "10.1.2.3"));
    EXPECT_FALSE(contains("10.1.2.3", "10.1.2.4"));
    EXPECT_TRUE(contains("10.1.2.0/23", "10.1.3.255"));
    EXPECT_FALSE(contains("10.1.2.0/23", "10.1.4.0"));
    EXPECT_TRUE(contains("0.0.0.0/0", "255.255.255.255"));
    EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.9.9.9")) << "one address, in another form";
    EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.9.9.9"));
}

TEST(Hl7Senders, WhatIsNoNetworkIsRefused) {
    for (const char* text :
         {"", "10.1.2", "10.1.2.3/33", "10.1.2.3/24", "10.1.2.0/", "10.1.2.0/x", "10.1.2.0/24 ",
          "host.example.org", "2001:db8::/129", "2001:db8::1/64", "fe80::1%lo", "10.1.2.0/-1"})
        EXPECT_FALSE(Network::parse(text)) << text;
}

TEST(Hl7Senders, AHostIsAnAddressOrAnIpv6NetworkOfItsOwn) {
    const auto host = [](const char* address) {
        return host_of(boost::asio::ip::make_address(address));
    };
    EXPECT_EQ(host("10.1.2.3"), "10.1.2.3");
    EXPECT_EQ(host("::ffff:10.1.2.3"), "10.1.2.3");
    EXPECT_EQ(host("2001:db8:1:2:3:4:5:6"), host("2001:db8:1:2:ffff::1"));
    EXPECT_NE(host("2001:db8:1:2::1"), host("2001:db8:1:3::1"));
}

} // namespace
} // namespace medibridge::connectors::hl7
