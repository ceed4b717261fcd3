#pragma once

#include "config/secret.hpp"
#include "config/source_kind.hpp"
#include "config/value_types.hpp"
#include "connectors/source/kind.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// A source of type `sql`, as it is configured.
struct SqlSettings final : config::KindSettings {
    std::string connection; ///< ODBC connection string, without the password
    std::optional<config::Secret> password;
    std::string query; ///< with :modified_after, :after_id and :limit
    /// Rows without a time, with :after_id and :limit; empty: there are none.
    std::string null_query;
    std::string lookup; ///< the rows of :external_id; empty: one patient cannot be asked for
    std::size_t page_size = 1000;
    std::string timezone = "Europe/Paris"; ///< of times without an offset
    config::Duration timeout{30'000};
    config::FieldPlaces fields;

    config::Mapping mapping() const override;
    const config::FieldPlaces* mapped_fields() const override { return &fields; }
};

void read_settings(config::Section& section, SqlSettings& out);

/// `type: sql`: rows of a database that has an ODBC driver.
const SourceKind& sql_kind();

} // namespace medibridge::connectors
