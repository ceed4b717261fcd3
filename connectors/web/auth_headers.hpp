#pragma once

#include "base/http/message.hpp"
#include "config/web.hpp"

namespace medibridge::connectors {

/// The Authorization header, or the configured one; empty: none. Throws std::invalid_argument for
/// a name or a value that cannot stand in a header; the text does not hold the value.
http::Headers auth_headers(const config::Auth& auth);

} // namespace medibridge::connectors
