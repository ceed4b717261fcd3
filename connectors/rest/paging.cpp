#include "connectors/rest/paging.hpp"

#include <algorithm>

namespace medibridge::connectors {
namespace {

/// So many pages without records in a row end a list, whatever the numbers say. Fewer do not: a HIS
/// may filter its pages after cutting them.
constexpr int most_empty_within = 100;
constexpr int most_empty_behind = 3;

} // namespace

Paging::Paging(const RestSettings& settings, std::string first_target, std::size_t most_pages,
               PagingMemory memory, bool whole)
    : trail_(settings.url, std::move(first_target)),
      by_link_(!settings.next.empty()),
      by_number_(!by_link_ && !settings.query.page.empty()),
      wants_total_pages_(!settings.total_pages.empty()),
      wants_total_(!settings.total.empty()),
      full_page_(settings.query.per_page.empty() ? 0 : settings.page_size),
      most_pages_(most_pages),
      first_page_is_set_(settings.first_page.has_value()),
      whole_(whole),
      memory_(memory),
      first_(settings.first_page.value_or(memory.first_page.value_or(1))),
      page_(first_) {}

Paging::Next Paging::fail(std::string fault) {
    fault_ = std::move(fault);
    return Next::fault;
}

bool Paging::may_be_absent() const {
    return by_number_ && (page_ != first_ || (first_ == 1 && !first_page_is_set_));
}

Paging::Next Paging::after(const PageFacts& facts) {
    counted_ = false;
    if (asked_ == Asked::origin) return after_origin(facts);
    if (asked_ == Asked::beyond && !is_news(facts)) return at_end();
    if (facts.absent) {
        first_absent_ = page_ == first_;
        broken_off_ = lacks_a_page();
        return at_end();
    }
    if (lacks_its_numbers(facts)) return Next::fault;
    if (by_number_ && is_page_before(facts)) {
        // One record may come twice at the edge of a page; beyond the end, the whole last page may.
        const bool behind =
            facts.records < tally_.first() || (total_pages_ && ordinal() > *total_pages_);
        if (facts.records == 1 || behind)
            return ++empty_ < most_empty_behind && !behind ? next_number() : at_end();
        if (page_ != 1 || first_ != 0 || first_page_is_set_)
            return fail("the HIS returns the previous page again: check that `query.page` names "
                        "the parameter that it follows, and that `first_page` is right; give "
                        "`total_pages` or `total` if it repeats its last page");
        // What page 0 showed was page 1.
        memory_.first_page = 1;
        first_ = 1;
        return more_is_said() || !has_numbers() ? next_number() : at_end();
    }
    counted_ = true;
    asked_ = Asked::said;
    if (before_)
        stable_ &= before_->total_pages == facts.total_pages && before_->total == facts.total;
    if (tally_.pages() == 0) first_identifiers_ = facts.identifiers;
    before_ = facts;
    tally_.add(facts.records, facts.total);
    if (facts.total_pages) {
        total_pages_ = facts.total_pages;
        most_total_pages_ = std::max(most_total_pages_.value_or(0), *facts.total_pages);
    }
    empty_ = facts.records == 0 ? empty_ + 1 : 0;
    if (by_link_) return after_link(facts);
    return by_number_ ? after_number(facts) : after_single(facts);
}

/// The first page with records must have the numbers; some HIS give them only there.
bool Paging::lacks_its_numbers(const PageFacts& facts) {
    if (by_link_ || facts.records == 0) return false;
    if (wants_total_pages_ && !facts.total_pages && !total_pages_)
        fail("there is no number where `total_pages` points");
    else if (wants_total_ && !facts.total && !tally_.total())
        fail("there is no number where `total` points");
    return !fault_.empty();
}

bool Paging::is_page_before(const PageFacts& facts) const {
    return before_ && facts.records > 0 && facts.records == before_->records &&
           facts.identifiers == before_->identifiers;
}

/// Whether a page that was only a check shows records that were not shown before.
bool Paging::is_news(const PageFacts& facts) const {
    const bool is_first = tally_.pages() > 0 && facts.identifiers == first_identifiers_;
    return !facts.absent && !is_page_before(facts) && !is_first &&
           facts.repeated * 2 < facts.records;
}

/// Whether this page should have been there. If the total was shown, some HIS just count one page
/// too many.
bool Paging::lacks_a_page() const {
    const auto read = static_cast<std::int64_t>(tally_.records());
    const bool all_shown = tally_.total() && read >= *tally_.total();
    return total_pages_ && ordinal() <= *total_pages_ && !all_shown;
}

bool Paging::more_is_said() const {
    const auto read = static_cast<std::int64_t>(tally_.records());
    return (total_pages_ && ordinal() < *total_pages_) ||
           (tally_.total() && read < *tally_.total());
}

Paging::Next Paging::after_single(const PageFacts& facts) {
    const auto read = static_cast<std::int64_t>(facts.records);
    if (facts.total_pages.value_or(1) > 1 || facts.total.value_or(read) > read)
        return fail("the list has more pages: name the parameter in `query.page`, or the link's "
                    "place in `next`");
    complete_ = true;
    return Next::last;
}

Paging::Next Paging::after_number(const PageFacts& facts) {
    // A page is as long as any that came before, so that others may follow it.
    const bool full =
        facts.records > 0 && facts.records >= tally_.longest() && facts.records >= memory_.fullest;
    const bool telling =
        whole_ || memory_.fullest > 0 || (full_page_ > 0 && facts.records >= full_page_);
    memory_.fullest = std::max(memory_.fullest, tally_.longest());
    if (!has_numbers()) {
        // Not compared with `page_size`, which the HIS may cap.
        const bool over = facts.records == 0 || facts.records < tally_.first();
        return over ? at_end() : next_number();
    }
    if (!more_is_said()) {
        if (!full || !telling) return at_end();
        asked_ = Asked::beyond;
        return next_number();
    }
    const bool within = total_pages_ && ordinal() < *total_pages_;
    if (empty_ < (within ? most_empty_within : most_empty_behind)) return next_number();
    broken_off_ = lacks_a_page();
    return at_end();
}

Paging::Next Paging::next_number() {
    if (ordinal() >= static_cast<std::int64_t>(most_pages_))
        return fail("the list has more than " + std::to_string(most_pages_) +
                    " pages: set a larger `page_size`, and check the paging");
    ++page_;
    return Next::number;
}

/// Whether the HIS's numbers leave no room for a page 0. They may count one page only, or number
/// pages from 0: for a complete list they are not trusted.
bool Paging::numbers_agree() const {
    if (!has_numbers() || broken_off_ || tally_.short_of_total() || whole_) return false;
    const auto pages = static_cast<std::int64_t>(tally_.pages_with_records());
    return wants_total_ || pages >= total_pages_.value_or(0);
}

/// Nothing follows. Checks whether pages begin at 0, if that is possible and not known.
Paging::Next Paging::at_end() {
    const bool is_open = by_number_ && !first_page_is_set_ && !memory_.first_page && first_ == 1;
    if (!is_open || (numbers_agree() && !first_absent_)) {
        if (is_open && tally_.records() > 0) memory_.first_page = 1;
        return finish();
    }
    asked_ = Asked::origin;
    page_ = 0;
    return Next::number;
}

Paging::Next Paging::after_origin(const PageFacts& facts) {
    if (is_news(facts)) {
        counted_ = true;
        memory_.first_page = 0;
        tally_.add(facts.records, facts.total);
        memory_.fullest = std::max(memory_.fullest, tally_.longest());
        if (facts.total_pages) total_pages_ = facts.total_pages;
        first_absent_ = false;
        first_ = 0;
        // Pages 0 up to the one before the last are as many as `total_pages` says.
        broken_off_ = total_pages_ && !wants_total_ &&
                      static_cast<std::int64_t>(tally_.pages_with_records()) < *total_pages_;
        before_ = facts;
        return finish();
    }
    if (first_absent_)
        return fail("HTTP 404, as for page 1: nothing is at this address: check `url`");
    // What is still missing may be found there another time.
    const bool settled = tally_.records() > 0 && !facts.failed && !tally_.short_of_total();
    if (settled) memory_.first_page = 1;
    return finish();
}

/// Sets `complete_` for a list by number.
Paging::Next Paging::finish() {
    const auto read = static_cast<std::int64_t>(tally_.records());
    if (wants_total_)
        complete_ = tally_.total().value_or(read) == read && !broken_off_;
    else if (wants_total_pages_)
        // A last page without records was one with some when the pages were counted.
        complete_ = !broken_off_ && (tally_.pages() <= 1 || before_->records > 0);
    else
        // The HIS does not say how much there is: only a list that ends within its first page
        // cannot have moved between two.
        complete_ = read == 0 || (one_page() && tally_.longest() < full_page_);
    complete_ = complete_ && stable_;
    return Next::last;
}

Paging::Next Paging::after_link(const PageFacts& facts) {
    const auto read = static_cast<std::int64_t>(tally_.records());
    bool over = facts.next.empty();
    if (!over && facts.records == 0)
        over = tally_.total().value_or(read + 1) <= read || empty_ >= most_empty_behind;
    if (!over) {
        if (static_cast<std::int64_t>(most_pages_) <= ordinal()) return next_number();
        const auto step = trail_.follow(facts.next);
        if (step == LinkTrail::Step::followed) {
            ++page_;
            return Next::link;
        }
        // Some servers go on giving links behind the end.
        if (facts.records > 0) return fail_link(step);
    }
    // What a link promises is not known: it may be a snapshot's page, or an offset into a list
    // that moves. Only a total says how much there is.
    complete_ = stable_ && (tally_.pages() == 1 || tally_.total() == read);
    return Next::last;
}

Paging::Next Paging::fail_link(LinkTrail::Step step) {
    switch (step) {
    case LinkTrail::Step::followed:
        break;
    case LinkTrail::Step::no_link:
        return fail("what `next` points at is not a link");
    case LinkTrail::Step::elsewhere:
        return fail("`next` leads to another server than `url`, and is not followed, because the "
                    "credentials would go there: have the HIS give links of its own address, or "
                    "relative ones");
    case LinkTrail::Step::circle:
        return fail("`next` leads back to a page that was already read");
    }
    return fail("`next` cannot be followed");
}

std::string Paging::contradiction(std::size_t distinct) const {
    auto words = tally_.contradiction(distinct, "total", PageTally::Twice::may_be);
    const auto pages = static_cast<std::int64_t>(tally_.pages_with_records());
    if (words.empty() && most_total_pages_ && pages > *most_total_pages_)
        words = "total_pages says " + std::to_string(*most_total_pages_) + ", " +
                tally_.shown(tally_.records());
    if (words.empty() && broken_off_ && total_pages_)
        words = "total_pages says " + std::to_string(*total_pages_) + ", " +
                tally_.shown(tally_.records());
    const auto longest = std::max(full_page_, tally_.first());
    if (words.empty() && full_page_ > 0 && pages > 1 && tally_.longest() > longest)
        words = "a page of " + std::to_string(tally_.longest()) + " records follows one of " +
                std::to_string(tally_.first()) + ", " + std::to_string(full_page_) +
                " were asked for";
    if (words.empty() || !by_number_) return words;
    if (full_page_ > tally_.longest() && pages > 1)
        return words + ": set `page_size` to what the HIS gives (" +
               std::to_string(tally_.longest()) + ")";
    return words + ": check what the HIS counts, and `first_page`";
}

} // namespace medibridge::connectors
