#pragma once

#include "base/http/url.hpp"
#include "config/source_kind.hpp"
#include "config/web.hpp"
#include "connectors/source/kind.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// The names of a REST source's query parameters; empty: not sent.
struct RestQuery {
    std::string modified_after;
    std::string modified_after_format; ///< strptime's; empty: RFC 3339
    std::string page;
    std::string per_page;
    std::string external_id; ///< shows one patient only
};

/// A source of type `rest`, as it is configured.
struct RestSettings final : config::KindSettings {
    http::Url url;
    std::size_t page_size = 500;
    config::Auth auth;
    RestQuery query;
    std::optional<int> first_page; ///< 0 or 1; nothing: found out
    bool repeats = false;          ///< the list has one record in several places
    std::string records;           ///< JSON pointer to the array; empty: the document itself
    std::string total_pages;       ///< JSON pointer; empty: not given
    std::string total;             ///< JSON pointer to the number of records; empty: not given
    std::string next;              ///< JSON pointer to the next page's link; empty: pages by number
    std::string timezone = "Europe/Paris"; ///< of times without an offset
    config::TransportSettings transport;
    config::FieldPlaces fields;

    config::Mapping mapping() const override;
    const config::FieldPlaces* mapped_fields() const override { return &fields; }
    std::optional<config::HttpServer> server() const override {
        return config::HttpServer{url, transport};
    }
};

void read_settings(config::Section& section, RestSettings& out);

/// `type: rest`: patients as JSON over HTTP, page by page.
const SourceKind& rest_kind();

} // namespace medibridge::connectors
