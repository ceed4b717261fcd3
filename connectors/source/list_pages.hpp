#pragma once

#include "base/http/url.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace medibridge::connectors {

/// Adds up the pages of one pass and compares them with the totals that they state. Pure.
///
/// A count never proves that a list was shown completely: one patient may leave while another
/// arrives. But a count that disagrees with what was shown disproves it.
class PageTally {
  public:
    PageTally() = default;

    /// A page: its records as they were sent, and the total that it states.
    void add(std::size_t records, std::optional<std::int64_t> total);

    std::size_t pages() const { return pages_; }
    std::size_t records() const { return records_; }
    std::size_t pages_with_records() const { return pages_with_records_; }
    std::size_t first() const { return first_; }     ///< records of the first page
    std::size_t longest() const { return longest_; } ///< records of the longest page
    /// The total that was stated last; nothing: none was.
    std::optional<std::int64_t> total() const { return total_; }
    /// Whether all stated totals are equal.
    bool steady() const { return least_ == most_; }
    /// Whether one page held all records, so that all are of one moment.
    bool one_page() const { return records_ == longest_; }
    /// Whether fewer records were shown than any page stated.
    bool short_of_total() const;

    /// Whether a record may be shown twice by a list that stands still.
    enum class Twice : std::uint8_t { never, may_be };
    /// What disagrees, in words for an operator; empty: nothing. `distinct` is how many different
    /// identifiers were shown: a list that moves, or whose pages overlap, shows some twice. If the
    /// total changed while the list was read, every count between the smallest and the largest
    /// agrees. `what` is the total's name.
    std::string contradiction(std::size_t distinct, std::string_view what, Twice twice) const;

    /// `12 shown in 3 pages of 4`
    std::string shown(std::size_t count) const;

  private:
    std::size_t pages_ = 0;
    std::size_t records_ = 0;
    std::size_t pages_with_records_ = 0;
    std::size_t first_ = 0;
    std::size_t longest_ = 0;
    std::optional<std::int64_t> total_;
    std::optional<std::int64_t> least_;
    std::optional<std::int64_t> most_;
};

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
