#include "connectors/his/paging.hpp"

namespace medibridge::connectors {

Paging::Paging(const config::RestSource& settings, std::string first_target, std::size_t most_pages)
    : trail_(settings.url, std::move(first_target)),
      by_link_(!settings.next.empty()),
      by_number_(!by_link_ && !settings.query.page.empty()),
      wants_total_pages_(!settings.total_pages.empty()),
      wants_total_(!settings.total.empty()),
      full_page_(settings.query.per_page.empty() ? 0 : settings.page_size),
      most_pages_(most_pages) {}

Paging::Next Paging::fail(std::string fault) {
    fault_ = std::move(fault);
    return Next::fault;
}

Paging::Next Paging::after(const PageFacts& facts) {
    records_ += facts.records;
    if (page_ == 1) first_records_ = facts.records;
    if (!by_link_ && facts.records > 0) {
        if (wants_total_pages_ && !facts.total_pages)
            return fail("there is no number where `total_pages` points");
        if (wants_total_ && !facts.total) return fail("there is no number where `total` points");
    }
    if (before_) {
        stable_ &= before_->total_pages == facts.total_pages && before_->total == facts.total;
        // One record may well come twice at a page's edge; a whole page does not.
        if (by_number_ && facts.records > 1 && facts.records == before_->records &&
            facts.identifiers == before_->identifiers)
            return fail("the HIS gives the page before once more: check that `query.page` names "
                        "the parameter that it follows, and give `total_pages` or `total` if it "
                        "repeats its last page");
    }
    before_ = facts;
    const bool over = by_link_ ? facts.next.empty() : ends(facts);
    if (!fault_.empty()) return Next::fault;
    if (over) {
        if (by_link_) complete_ = page_ == 1 || all_there(facts);
        complete_ = complete_ && stable_;
        return Next::last;
    }
    if (static_cast<std::size_t>(page_) >= most_pages_)
        return fail("the list has more than " + std::to_string(most_pages_) +
                    " pages: set a larger `page_size`, and check the paging");
    if (by_link_ && !follow(facts.next)) return Next::fault;
    ++page_;
    return by_link_ ? Next::link : Next::number;
}

/// Whether the HIS says how much there is, and that was read. What a link promises is not known: it
/// may be a snapshot's page, or an offset into a list that moves.
bool Paging::all_there(const PageFacts& facts) const {
    return facts.total && *facts.total == static_cast<std::int64_t>(records_);
}

/// Sets `complete_` for what ends here.
bool Paging::ends(const PageFacts& facts) {
    const auto read = static_cast<std::int64_t>(records_);
    if (single()) {
        if (facts.total_pages.value_or(1) > 1 || facts.total.value_or(read) > read)
            fail("the list has more pages: name the parameter in `query.page`, or the link's place "
                 "in `next`");
        complete_ = true;
        return true;
    }
    if (facts.total_pages) {
        // A last page without records was one with some when the pages were counted.
        complete_ = page_ >= *facts.total_pages && (!facts.total || all_there(facts)) &&
                    (page_ == 1 || facts.records > 0);
        return page_ >= *facts.total_pages || facts.records == 0;
    }
    if (facts.total) {
        complete_ = all_there(facts);
        return read >= *facts.total || facts.records == 0;
    }
    // The HIS does not say how much there is: only a list that ends within its first page cannot
    // have moved between two.
    complete_ = first_records_ == 0 || (one_page() && first_records_ < full_page_);
    // Not compared with `page_size`, which the HIS may cap.
    return facts.records == 0 || facts.records < first_records_;
}

bool Paging::follow(const std::string& link) {
    switch (trail_.follow(link)) {
    case LinkTrail::Step::followed:
        return true;
    case LinkTrail::Step::no_link:
        fail("what stands where `next` points is no link");
        return false;
    case LinkTrail::Step::elsewhere:
        fail("`next` leads to another server than `url`, and is not followed, because the "
             "credentials would go there: let the HIS give links of its own address, or relative "
             "ones");
        return false;
    case LinkTrail::Step::circle:
        fail("`next` leads back to a page that was read already");
        return false;
    }
    return false;
}

} // namespace medibridge::connectors
