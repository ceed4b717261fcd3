#pragma once

#include "config/source_kind.hpp"
#include "config/value_types.hpp"
#include "connectors/source/kind.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::connectors {

struct ServerTls {
    std::string certificate_file;     ///< PEM, the chain
    std::string key_file;             ///< PEM
    std::string client_ca_file;       ///< senders must show a certificate of it; empty: need not
    std::string client_crl_file = {}; ///< revocation lists for those; empty: none is looked for
};

/// A source of type `hl7v2`, as it is configured.
struct Hl7Settings final : config::KindSettings {
    enum class DataError { accept, error }; ///< MSA-1 `AA` or `AE`
    config::ListenAddress listen;
    std::string assigning_authority;            ///< OID, or namespace, of PID-3's CX-4
    std::string default_charset = "ISO-8859-1"; ///< where MSH-18 is empty
    std::string processing = "P";               ///< MSH-11 of messages that count
    DataError data_error = DataError::accept;
    std::optional<ServerTls> tls;
    std::string timezone = "Europe/Paris";
    std::size_t max_message = 1u << 20; ///< bytes
    std::size_t max_connections = 64;
    std::optional<std::size_t> max_connections_per_address; ///< nothing: three quarters of all
    /// Networks from which senders may connect, as hl7::Network reads them; empty: from anywhere.
    std::vector<std::string> allow;
    InboxQuota quota{.rows = 500'000, .bytes = 512 << 20, .sender_percent = 80};
    /// A connection without a complete message for so long is closed; 0: never.
    config::Duration idle_timeout{300'000};

    config::Mapping mapping() const override;
};

void read_settings(config::Section& section, Hl7Settings& out);

/// `type: hl7v2`: ADT messages that are sent over MLLP.
const SourceKind& hl7v2_kind();

} // namespace medibridge::connectors
