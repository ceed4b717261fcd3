#include "connectors/inbox/source.hpp"

#include "connectors/source/pass_proof.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace medibridge::connectors {

using runtime::Task;

namespace {

constexpr std::size_t page_size = 500;

} // namespace

/// One pass over what was there when it began, so that all that an arrival says is shown, or
/// nothing of it: half of a merge would be another patient. An entry that changes meanwhile gets a
/// higher sequence; it is named as `later`, and taken by the next pass.
class InboxSource::Reading final : public SourceReading {
  public:
    Reading(InboxSource& source, bool only_new) : source_(source), only_new_(only_new) {}

    Task<SourceResult<SourcePage>> next() override;
    bool proven() const override { return true; }
    std::uint64_t fingerprint() const override { return shown_.value(); }
    std::int64_t cursor() const override { return std::min(after_, newest_); }

  private:
    InboxSource& source_;
    bool only_new_;
    bool first_ = true;
    std::int64_t after_ = 0;
    std::int64_t newest_ = 0; ///< when the pass began
    PassFingerprint shown_;
};

Task<SourceResult<SourcePage>> InboxSource::Reading::next() {
    if (std::exchange(first_, false)) {
        auto imported = co_await source_.feed_->import_all();
        if (!imported) co_return std::unexpected(std::move(imported).error());
        const auto newest = co_await source_.inbox_->newest();
        if (!newest) co_return std::unexpected(newest.error());
        newest_ = *newest;
    }
    if (source_.cancelled_)
        co_return std::unexpected(SourceError(SourceError::Kind::cancelled, "stopped"));
    auto entries = co_await source_.inbox_->read(only_new_, after_, page_size);
    if (!entries) co_return std::unexpected(std::move(entries).error());
    SourcePage page;
    const bool at_end = entries->empty() || (only_new_ && entries->back().sequence > newest_);
    page.last = at_end;
    page.precision = reconcile::Precision::milliseconds;
    for (auto& entry : *entries) {
        after_ = entry.sequence;
        const auto& id = entry.record.patient.external_id();
        shown_.add(id);
        // A record without an identifier is no part of a merge.
        const bool later = after_ > newest_ && !id.empty();
        (later ? page.later : page.records).push_back(std::move(entry.record));
    }
    co_return page;
}

/// One entry. Its cursor stays at the beginning: nothing is taken by it.
class InboxSource::OneReading final : public SourceReading {
  public:
    OneReading(InboxSource& source, std::string external_id)
        : source_(source),
          external_id_(std::move(external_id)) {}

    Task<SourceResult<SourcePage>> next() override;
    bool proven() const override { return true; }
    std::uint64_t fingerprint() const override { return shown_.value(); }

  private:
    InboxSource& source_;
    std::string external_id_;
    PassFingerprint shown_;
};

Task<SourceResult<SourcePage>> InboxSource::OneReading::next() {
    if (source_.cancelled_)
        co_return std::unexpected(SourceError(SourceError::Kind::cancelled, "stopped"));
    auto entry = co_await source_.inbox_->read_one(external_id_);
    if (!entry) co_return std::unexpected(std::move(entry).error());
    SourcePage page;
    page.last = true;
    page.precision = reconcile::Precision::milliseconds;
    if (*entry) {
        shown_.add((*entry)->record.patient.external_id());
        page.records.push_back(std::move((*entry)->record));
    }
    co_return page;
}

Task<SourceResult<void>> InboxFeed::import_all() {
    co_return SourceResult<void>();
}

InboxSource::InboxSource(std::string name, std::unique_ptr<Inbox> inbox,
                         std::shared_ptr<InboxFeed> feed)
    : name_(std::move(name)),
      inbox_(std::move(inbox)),
      feed_(std::move(feed)) {}

InboxSource::~InboxSource() {
    feed_->cancel();
}

void InboxSource::cancel() {
    feed_->cancel();
    cancelled_ = true;
}

std::unique_ptr<SourceReading> InboxSource::read(std::optional<reconcile::Instant> since) {
    return std::make_unique<Reading>(*this, since.has_value());
}

std::unique_ptr<SourceReading> InboxSource::read_one(const std::string& external_id) {
    return std::make_unique<OneReading>(*this, external_id);
}

Task<void> InboxSource::taken(std::int64_t cursor) {
    const auto done = co_await inbox_->mark_taken(cursor);
    if (!done) throw std::runtime_error(done.error().what);
}

} // namespace medibridge::connectors
