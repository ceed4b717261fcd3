#pragma once

#include "base/http/message.hpp"
#include "connectors/mapping/text_format.hpp"
#include "connectors/mapping/time_zone.hpp"
#include "connectors/rest/kind.hpp"
#include "reconcile/instant.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// Makes the requests for a REST source's pages.
class PageRequests {
  public:
    /// Throws std::invalid_argument, with how to fix it, for a format that cannot say a date and
    /// for credentials that cannot stand in a header.
    explicit PageRequests(const RestSettings& settings);

    /// The path and query of page `number` of what was modified at or after `since`.
    std::string target(std::int64_t number, std::optional<reconcile::Instant> since) const;

    /// The path and query of what is shown of that externalId, which needs `query.external_id`. The
    /// first page's number is only sent where it is known: a HIS that is not told gives that page.
    std::string one(const std::string& external_id, std::optional<std::int64_t> first_page) const;

    /// A GET with the headers that every page needs.
    http::Request get(std::string target) const;

  private:
    class Target;

    std::string base_; ///< up to where the next parameter goes, with its `?` or `&`
    bool has_query_ = false;
    std::size_t page_size_;
    RestQuery names_; ///< percent-encoded
    TimeZone zone_;
    TextFormat since_format_;
    http::Headers headers_;
};

} // namespace medibridge::connectors
