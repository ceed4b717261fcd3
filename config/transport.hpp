#pragma once

#include "base/http/proxy.hpp"
#include "config/value_types.hpp"

#include <optional>
#include <string>

namespace medibridge::config {

class Section;

/// How a source is asked over HTTP: the keys `timeout`, `ca_file`, `proxy`.
struct TransportSettings {
    Duration timeout{30'000}; ///< of one request
    std::string ca_file;      ///< empty: the system's trust store
    std::optional<http::Proxy> proxy;
};

void read_transport(Section& section, TransportSettings& out);

} // namespace medibridge::config
