#pragma once

#include "config/settings.hpp"
#include "connectors/his/link_trail.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// What a page says of the list that it belongs to.
struct PageFacts {
    std::size_t records = 0; ///< as sent, before any mapping
    std::optional<std::int64_t> total_pages;
    std::optional<std::int64_t> total;
    std::string next;            ///< the link; empty: none
    std::uint64_t identifiers{}; ///< a hash of its identifiers in their order
};

/// Decides what follows a page, and what the pass proves. No I/O.
class Paging {
  public:
    /// `first_target` is the first page's path and query; a pass over more than `most_pages` ends
    /// with a fault.
    Paging(const config::RestSource& settings, std::string first_target, std::size_t most_pages);

    enum class Next : std::uint8_t { last, number, link, fault };

    /// To be called for each page in turn. A 404 behind the first page is told as a page without
    /// records.
    Next after(const PageFacts& facts);

    /// The page that is now to be read, from 1.
    std::int64_t page() const { return page_; }
    /// The path and query of page(): the first one, or after Next::link.
    const std::string& target() const { return trail_.target(); }
    /// Set after Next::fault: what is wrong and how to mend it, without values.
    const std::string& fault() const { return fault_; }

    /// After the last page: whether what the pages said of the list did not change and was all
    /// read. Says nothing of repeated identifiers.
    bool complete() const { return complete_; }

    /// Whether all records were on one page, which is of one moment.
    bool one_page() const { return records_ == first_records_; }

  private:
    bool all_there(const PageFacts& facts) const;
    bool ends(const PageFacts& facts);
    bool follow(const std::string& link);
    bool single() const { return !by_link_ && !by_number_; }
    Next fail(std::string fault);

    LinkTrail trail_;
    bool by_link_;
    bool by_number_;
    bool wants_total_pages_;
    bool wants_total_;
    std::size_t full_page_; ///< records of a page that others may follow; 0: not known
    std::size_t most_pages_;

    std::int64_t page_ = 1;
    std::size_t records_ = 0;
    std::size_t first_records_ = 0;
    std::optional<PageFacts> before_;
    std::string fault_;
    bool stable_ = true;
    bool complete_ = false;
};

} // namespace medibridge::connectors
