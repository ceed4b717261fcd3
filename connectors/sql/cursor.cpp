/// How a reading of a database moves from one page to the next.
#include "base/bytes/utf8.hpp"
#include "connectors/sql/reading.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors {
namespace {

constexpr std::string_view infinity = "infinity";

/// Whether the database finds it again by the text that it showed.
bool is_whole_text(const RawValue& value) {
    return value.kind == RawValue::Kind::text && !base::holds_replacement(value.text);
}

bool is_same_value(const RawValue& a, const RawValue& b) {
    return a.kind == b.kind && a.text == b.text;
}

bool is_no_time(const RawValue& value) {
    return value.text.find_first_not_of(' ') == std::string::npos ||
           SqlTime::beyond(value.text) != SqlTime::Beyond::none;
}

} // namespace

/// What the row's time is compared as; nothing: the database would not find it again.
std::optional<std::string> SqlSource::Reading::bound_of(const SqlRows& rows,
                                                        std::size_t row) const {
    const auto& time = time_of(rows, row);
    if (!is_whole_text(time)) return std::nullopt;
    if (!reached_ && rows.dialect.may_be_minus_infinity(time.text)) return "-infinity";
    return rows.dialect.bound_for(time.text);
}

bool SqlSource::Reading::has_time(const SqlRows& rows, std::size_t row) const {
    return bound_of(rows, row).has_value();
}

/// Whether a page can begin behind this row.
bool SqlSource::Reading::has_place(const SqlRows& rows, std::size_t row) const {
    return is_whole_text(key_of(rows, row)) && (nulls_ || has_time(rows, row));
}

bool SqlSource::Reading::is_same_place(const SqlRows& rows, std::size_t row,
                                       std::size_t other) const {
    return is_same_value(key_of(rows, row), key_of(rows, other)) &&
           (nulls_ || is_same_value(time_of(rows, row), time_of(rows, other)));
}

/// How many rows of a full page are complete: the last of them has a position that the next row
/// does not share. The others come again with the next page, so no position is cut in two. 0: none.
std::size_t SqlSource::Reading::end_of_whole(const SqlRows& rows) const {
    for (std::size_t end = rows.size() - 1; end > 0; --end)
        if (has_place(rows, end - 1) && !is_same_place(rows, end - 1, end)) return end;
    return 0;
}

/// If the driver shows the end of time as an ordinary moment, a page after that moment would begin
/// with the same rows forever. The first key at the end of time distinguishes the two.
runtime::Task<std::optional<SourceError>>
SqlSource::Reading::look_for_infinity(const SqlRows& rows) {
    if (infinite_) co_return std::nullopt;
    std::size_t row = 0;
    while (row < rows.size() && !rows.dialect.may_be_infinity(time_of(rows, row).text))
        ++row;
    if (row == rows.size()) co_return std::nullopt;
    SqlPosition there;
    there.modified_after = infinity;
    there.limit = 1;
    auto first = co_await ask(std::move(there));
    if (!first) co_return first.error();
    if (first->size() == 0) co_return std::nullopt;
    while (row < rows.size() && !(is_same_value(key_of(rows, row), key_of(*first, 0)) &&
                                  rows.dialect.may_be_infinity(time_of(rows, row).text)))
        ++row;
    if (row == rows.size()) co_return std::nullopt;
    shown_ = row;
    infinite_ = begun_ = moved_ = true;
    cursor_ = SqlPosition();
    cursor_.modified_after = infinity;
    co_return std::nullopt;
}

/// Moves the cursor to the last row that is shown of a full page.
std::optional<SourceError> SqlSource::Reading::move_on(const SqlRows& rows) {
    if (page_ >= shared_->limits.pages)
        return SourceError(SourceError::Kind::unreadable,
                           "the pages do not end: check that `query` keeps to rows after "
                           "(:modified_after, :after_id)");
    if (std::exchange(moved_, false)) return std::nullopt;
    if (!nulls_ && !reached_ && !shows_no_time(rows)) return without_time();
    auto row = shown_ - 1;
    SqlPosition reached;
    if (has_place(rows, row)) {
        reached.after_id = key_of(rows, row).text;
    } else {
        // No row of that time has a key after which the next page could begin.
        while (row > 0 && !has_time(rows, row))
            --row;
        if (nulls_ || !has_time(rows, row)) return nulls_ ? without_key() : without_time();
    }
    if (!nulls_) reached.modified_after = infinite_ ? infinity : *bound_of(rows, row);
    if (shown_ == rows.size()) report_long_place();
    return move_to(std::move(reached));
}

std::optional<SourceError> SqlSource::Reading::move_to(SqlPosition reached) {
    const bool stands_still = begun_ && reached.after_id == cursor_.after_id &&
                              reached.modified_after == cursor_.modified_after;
    if (stands_still)
        return SourceError(SourceError::Kind::unreadable,
                           "it ends with the same row as the page before: " +
                               std::string(nulls_ ? "`null_query` must keep to keys after :after_id"
                                                  : "`query` must keep to rows after "
                                                    "(:modified_after, :after_id), and compare "
                                                    "times as finely as it shows them"));
    cursor_ = std::move(reached);
    begun_ = true;
    return std::nullopt;
}

/// Whether a row at hand has no time at all, rather than one that cannot be read.
bool SqlSource::Reading::shows_no_time(const SqlRows& rows) const {
    for (std::size_t row = 0; row < shown_; ++row)
        if (is_no_time(time_of(rows, row))) return true;
    return false;
}

SourceError SqlSource::Reading::without_time() {
    return {SourceError::Kind::unreadable,
            "no row of it has a readable modification time, so the next page cannot follow it: "
            "check the format of modifiedAt, and list rows whose time is NULL with `null_query`"};
}

SourceError SqlSource::Reading::without_key() {
    return {SourceError::Kind::unreadable,
            "no row of it has a readable key, so the next page cannot follow it: leave such rows "
            "out of `null_query`"};
}

void SqlSource::Reading::report_long_place() {
    if (!reported_.emplace("one place").second) return;
    shared_->drop("externalId", "more than " + std::to_string(shown_ - 1) +
                                    " rows follow one another that have no key, or the same key "
                                    "and time: further ones like them may not be seen (page " +
                                    std::to_string(page_) + ")");
}

} // namespace medibridge::connectors
