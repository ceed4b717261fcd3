#pragma once

#include "sandbox/exchange.hpp"
#include "sandbox/settings.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace medibridge::sandbox {

/// Gives access tokens for the HIS where it asks for them: for a client's secret (RFC 6749 §4.4),
/// or for an assertion signed with the client's key (RFC 7523, RS384 or ES384).
class TokenServer {
  public:
    TokenServer(const Settings& settings, const Clock& clock)
        : settings_(settings),
          clock_(clock) {}

    /// Its own address, which assertions must name.
    void set_address(std::string address) { address_ = std::move(address); }

    Reply give(const Request& request);
    /// https://hl7.org/fhir/smart-app-launch/conformance.html
    Reply configuration() const;
    /// Whether a request with that credential may pass, whatever the HIS asks for.
    bool lets_in(std::string_view credential) const;

  private:
    /// Why an assertion is refused; empty: it is good.
    std::string_view refuse(const std::string& assertion);

    const Settings& settings_;
    const Clock& clock_;
    std::string address_;
    std::map<std::string, Millis, std::less<>> tokens_; ///< until when
    std::set<std::string> used_;                        ///< assertions' ids
    std::uint64_t given_ = 0;
};

/// Whether `signature` (as it stands in a token) is that of `text` under the key in the PEM file,
/// public or private. Throws std::runtime_error if there is no such key.
bool verify_signature(const std::string& key_file, std::string_view algorithm,
                      std::string_view text, std::string_view signature);

/// The algorithm that a key is for: `RS384` or `ES384`. Throws as above.
std::string_view key_algorithm(const std::string& key_file);

} // namespace medibridge::sandbox
