#pragma once

#include "base/http/url.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

namespace medibridge::connectors {

/// Follows the links from page to page of one list.
class LinkTrail {
  public:
    /// `server` says scheme, host and port; `first_target` is the first page's path and query.
    LinkTrail(http::Url server, std::string first_target);

    enum class Step : std::uint8_t {
        followed,  ///< target() is the next page's
        no_link,   ///< it is no link to a page
        elsewhere, ///< it leads to another server, where credentials must not go
        circle,    ///< it leads to a page that was read already
    };
    /// `link` is absolute, or relative to the page that was read last.
    Step follow(std::string_view link);

    /// The path and query of the page that is to be read.
    const std::string& target() const { return url_.path; }

  private:
    http::Url url_;                             ///< of the page that was read last
    std::unordered_set<std::uint64_t> visited_; ///< the links' targets
};

} // namespace medibridge::connectors
