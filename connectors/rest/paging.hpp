#pragma once

#include "connectors/rest/kind.hpp"
#include "connectors/source/list_pages.hpp"

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
    std::size_t repeated = 0;    ///< records whose identifier the pass has shown before
    bool absent = false;         ///< the HIS says that there is no such page
    bool failed = false;         ///< `absent` for a fault that may pass
};

/// What former passes showed of the list.
struct PagingMemory {
    std::optional<std::int64_t> first_page; ///< 0 or 1; nothing: not known yet
    std::size_t fullest = 0;                ///< records of the longest page so far
};

/// Decides what follows a page, and what the pass proves. No I/O.
///
/// Numbered pages are read as far as the HIS's numbers say that there are more, and one page
/// further if the last one is as long as any other: so a count with the wrong page size, or of one
/// page only, does not end the reading early. If the first page's number is not set, it is 1,
/// unless there is reason to look at 0 (fewer records than stated, or no numbers at all) and other
/// records are found there.
class Paging {
  public:
    /// `first_target` is the first page's path and query; a pass over more than `most_pages` ends
    /// with a fault. `whole`: the list is asked for without a time.
    Paging(const RestSettings& settings, std::string first_target, std::size_t most_pages,
           PagingMemory memory = {}, bool whole = true);

    enum class Next : std::uint8_t { last, number, link, fault };

    /// Call this for each page in turn.
    Next after(const PageFacts& facts);

    /// The number of the page that is now to be read.
    std::int64_t page() const { return page_; }
    /// The path and query of page(): the first one, or after Next::link.
    const std::string& target() const { return trail_.target(); }
    /// Whether the HIS may say that there is no such page.
    bool may_be_absent() const;
    /// Whether the page is only a check for something that should not exist: any failure means that
    /// there is no such page.
    bool is_look() const { return asked_ != Asked::said; }
    /// Whether the last page given to after() belongs to the list.
    bool counted() const { return counted_; }
    /// Set after Next::fault: what is wrong and how to fix it, without values.
    const std::string& fault() const { return fault_; }

    /// After the last page: whether the stated numbers did not change and all was read. Does not
    /// consider repeated identifiers.
    bool complete() const { return complete_; }
    /// Whether all records were on one page, which is of one moment.
    bool one_page() const { return tally_.one_page(); }
    /// After the last page: which of the HIS's numbers disagree, and how to fix it; empty: none.
    /// `distinct` is how many identifiers were shown.
    std::string contradiction(std::size_t distinct) const;
    /// The number of patients that the HIS stated last; nothing: it states none.
    std::optional<std::int64_t> total() const { return tally_.total(); }
    const PagingMemory& memory() const { return memory_; }

  private:
    /// Why a page is asked for.
    enum class Asked : std::uint8_t {
        said,   ///< it belongs to the list as far as is known
        beyond, ///< it lies behind what the HIS says to be the end
        origin, ///< it is page 0 of a list that was read from page 1
    };

    Next fail(std::string fault);
    bool lacks_its_numbers(const PageFacts& facts);
    bool is_page_before(const PageFacts& facts) const;
    bool is_news(const PageFacts& facts) const;
    Next after_origin(const PageFacts& facts);
    Next after_link(const PageFacts& facts);
    Next after_single(const PageFacts& facts);
    Next after_number(const PageFacts& facts);
    Next next_number();
    Next at_end();
    Next finish();
    Next fail_link(LinkTrail::Step step);
    std::int64_t ordinal() const { return page_ - first_ + 1; }
    bool more_is_said() const;
    bool lacks_a_page() const;
    bool has_numbers() const { return wants_total_pages_ || wants_total_; }
    bool numbers_agree() const;

    LinkTrail trail_;
    bool by_link_;
    bool by_number_;
    bool wants_total_pages_;
    bool wants_total_;
    std::size_t full_page_; ///< records of a page that others may follow; 0: not known
    std::size_t most_pages_;
    bool first_page_is_set_;
    bool whole_;
    PagingMemory memory_;

    std::int64_t first_;
    std::int64_t page_;
    Asked asked_ = Asked::said;
    PageTally tally_;
    std::optional<std::int64_t> total_pages_;      ///< as said last
    std::optional<std::int64_t> most_total_pages_; ///< that was said
    std::uint64_t first_identifiers_ = 0;
    std::optional<PageFacts> before_;
    int empty_ = 0;             ///< pages without records in a row
    bool first_absent_ = false; ///< the first page is not there
    bool broken_off_ = false;   ///< ended before the page that `total_pages` says
    bool counted_ = false;
    std::string fault_;
    bool stable_ = true;
    bool complete_ = false;
};

} // namespace medibridge::connectors
