#include "connectors/source/list_pages.hpp"

#include "base/bytes/hash.hpp"

#include <algorithm>

namespace medibridge::connectors {

void PageTally::add(std::size_t records, std::optional<std::int64_t> total) {
    if (pages_ == 0) first_ = records;
    ++pages_;
    records_ += records;
    if (records > 0) ++pages_with_records_;
    longest_ = std::max(longest_, records);
    if (!total) return;
    total_ = total;
    least_ = std::min(least_.value_or(*total), *total);
    most_ = std::max(most_.value_or(*total), *total);
}

bool PageTally::short_of_total() const {
    return least_ && static_cast<std::int64_t>(records_) < *least_;
}

std::string PageTally::shown(std::size_t count) const {
    const auto pages = std::max<std::size_t>(pages_with_records_, 1);
    return std::to_string(count) + " shown in " + std::to_string(pages) +
           (pages == 1 ? " page" : " pages") +
           (longest_ > 0 ? " of " + std::to_string(longest_) : "");
}

std::string PageTally::contradiction(std::size_t distinct, std::string_view what,
                                     Twice may_repeat) const {
    const bool too_few = short_of_total();
    const bool too_many = most_ && static_cast<std::int64_t>(distinct) > *most_;
    if (!too_few && !too_many) {
        // Pages overlap: a record that comes twice takes the place of another one.
        const bool overlaps =
            may_repeat == Twice::never || (most_ && static_cast<std::int64_t>(records_) > *most_);
        const bool twice = least_ && overlaps && static_cast<std::int64_t>(distinct) < *least_;
        if (!twice) return {};
        return std::string(what) + " says " + std::to_string(*least_) + ", " + shown(records_) +
               ", but only " + std::to_string(distinct) + " different ones";
    }
    const auto said = too_few ? *least_ : *most_;
    return std::string(what) + " says " + std::to_string(said) + ", " +
           shown(too_few ? records_ : distinct);
}

LinkTrail::LinkTrail(http::Url server, std::string first_target)
    : url_(std::move(server)),
      visited_{base::text_hash(first_target)} {
    url_.path = std::move(first_target);
}

LinkTrail::Step LinkTrail::follow(std::string_view link) {
    auto next = http::resolve(url_, link);
    if (!next) return Step::no_link;
    if (next->scheme != url_.scheme || next->host != url_.host || next->port != url_.port)
        return Step::elsewhere;
    if (next->path.empty()) next->path.assign(1, '/');
    url_ = *std::move(next);
    return visited_.insert(base::text_hash(url_.path)).second ? Step::followed : Step::circle;
}

} // namespace medibridge::connectors
