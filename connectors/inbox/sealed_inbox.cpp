#include "connectors/inbox/sealed_inbox.hpp"

#include "base/log/catalogue.hpp"
#include "base/runtime/concurrency.hpp"
#include "connectors/inbox/admission.hpp"
#include "connectors/inbox/bounds.hpp"
#include "connectors/inbox/nameless.hpp"
#include "connectors/inbox/record_merge.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <deque>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace medibridge::connectors {

namespace asio = boost::asio;
using reconcile::SourceRecord;
using runtime::Task;

namespace {

/// Arrivals that share a commit.
constexpr std::size_t most_at_once = 256;
/// Their records, unless one arrival alone has more.
constexpr std::size_t most_records = 1'000;
/// Patients of one commit whose times are logged, one event each.
constexpr std::size_t most_told = 20;

SourceError unavailable(const std::exception& error) {
    return {SourceError::Kind::unavailable, std::string("the inbox: ") + error.what()};
}

/// One call of put(), until it is answered.
struct Waiting {
    Waiting(const asio::any_io_executor& executor, Arrival its_arrival)
        : arrival(std::move(its_arrival)),
          answered(executor) {}

    Arrival arrival;
    SourceResult<Receipt> result{Receipt()};
    bool done = false;
    runtime::Signal answered; ///< given once `result` is there
};

using Group = std::vector<std::shared_ptr<Waiting>>;

/// Who sent what waits. It is read once until something is taken, and only where somebody may have
/// sent too much: a full inbox of 500,000 rows takes about a second.
Admission::Shares shares_of(const SealedRecords& records, state::Store& store) {
    constexpr std::size_t at_once = 1'000;
    Admission::Shares shares;
    for (std::int64_t after = 0;;) {
        const auto entries = store.inbox_after(records.source(), true, after, at_once);
        if (entries.empty()) return shares;
        after = entries.back().sequence;
        for (const auto& entry : entries) {
            const auto mark = records.mark_of(entry);
            const bool fits = shares.size() < Admission::most_senders || shares.contains(mark);
            if (mark.empty() || !fits) continue;
            Admission::grow(shares[mark], {1, static_cast<std::int64_t>(entry.sealed.size())});
        }
    }
}

NamelessIndex nameless_of(const SealedRecords& records, state::Store& store) {
    NamelessIndex index;
    for (const auto& entry : store.inbox_nameless(records.source(), state::InboxLimits::nameless)) {
        if (const auto record = records.find(entry)) index.add(entry.key, *record);
    }
    return index;
}

/// The result of a group.
struct Written {
    std::vector<Receipt> receipts;
    std::vector<std::string> implausible; ///< InboxBatch::implausible()
};

} // namespace

/// Writes what waits, group by group, for as long as something waits.
class SealedInbox::Writer : public std::enable_shared_from_this<Writer> {
  public:
    Writer(asio::any_io_executor executor, state::Database& database, log::EventLog& log,
           WallClock wall_clock, reconcile::IdentityPolicy identity, InboxQuota quota,
           std::shared_ptr<const SealedRecords> records)
        : executor_(std::move(executor)),
          database_(&database),
          records_(std::move(records)),
          log_(&log),
          wall_clock_(std::move(wall_clock)),
          identity_(std::move(identity)),
          admission_(quota) {}

    /// The worker's.
    Admission& admission() { return admission_; }

    std::shared_ptr<Waiting> enqueue(Arrival arrival) {
        auto waiting = std::make_shared<Waiting>(executor_, std::move(arrival));
        queue_.push_back(waiting);
        if (!std::exchange(writing_, true)) {
            auto self = shared_from_this();
            asio::co_spawn(executor_, write_all(std::move(self)), asio::detached);
        }
        return waiting;
    }

  private:
    static Task<void> write_all(std::shared_ptr<Writer> self);
    Group next_group();
    Task<void> write(Group group);
    Written apply(const Group& group, state::Store& store, reconcile::Instant now);
    void tell_implausible(const std::vector<std::string>& patients);

    asio::any_io_executor executor_;
    state::Database* database_;
    std::shared_ptr<const SealedRecords> records_;
    log::EventLog* log_;
    WallClock wall_clock_;
    reconcile::IdentityPolicy identity_;
    base::IdSet described_;                 ///< the worker's, while it writes
    Admission admission_;                   ///< likewise
    std::optional<NamelessIndex> nameless_; ///< likewise; nothing: not read yet
    base::IdSet told_;                      ///< patients whose time was not believed
    std::deque<std::shared_ptr<Waiting>> queue_;
    bool writing_ = false;
};

Task<void> SealedInbox::Writer::write_all(std::shared_ptr<Writer> self) {
    while (!self->queue_.empty()) {
        auto group = self->next_group();
        co_await self->write(std::move(group));
    }
    self->writing_ = false;
}

Group SealedInbox::Writer::next_group() {
    Group group;
    std::size_t records = 0;
    while (!queue_.empty() && group.size() < most_at_once) {
        records += queue_.front()->arrival.records.size();
        if (records > most_records && !group.empty()) break;
        group.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return group;
}

Task<void> SealedInbox::Writer::write(Group group) {
    Written written;
    std::optional<SourceError> error;
    try {
        auto job = [group, now = wall_clock_(), self = shared_from_this()](state::Store& store) {
            return self->apply(group, store, now);
        };
        written = co_await database_->write(std::move(job));
    } catch (const std::exception& failure) {
        error = unavailable(failure);
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
        auto& waiting = *group[i];
        waiting.result = error ? SourceResult<Receipt>(std::unexpected(*error))
                               : SourceResult<Receipt>(std::move(written.receipts[i]));
        waiting.done = true;
        waiting.answered.notify();
    }
    tell_implausible(written.implausible);
}

/// On the worker. Nothing of it counts unless it is committed.
Written SealedInbox::Writer::apply(const Group& group, state::Store& store,
                                   reconcile::Instant now) {
    auto admission = admission_;
    if (!admission.knows_load()) admission.learn(store.inbox_load(records_->source()));
    if (!nameless_ || nameless_->is_full()) nameless_ = nameless_of(*records_, store);
    InboxBatch batch(*records_, store, now, identity_, described_, *nameless_);
    Written done;
    state::InboxLoad before;
    for (const auto& waiting : group) {
        auto& arrival = waiting->arrival;
        if (auto known = batch.repeated(arrival)) {
            done.receipts.push_back(*std::move(known));
            continue;
        }
        const auto mark = records_->sender_mark(arrival.sender);
        if (!mark.empty() && admission.needs_shares()) admission.learn(shares_of(*records_, store));
        if (const auto full = admission.fullness(mark); full != Receipt::Full::no) {
            done.receipts.emplace_back().full = full;
            continue;
        }
        done.receipts.push_back(batch.add(std::move(arrival), mark));
        const auto& after = batch.growth();
        admission.add(mark, {after.rows - before.rows, after.bytes - before.bytes});
        before = after;
    }
    batch.commit();
    admission.committed();
    admission_ = std::move(admission);
    done.implausible = batch.implausible();
    return done;
}

/// A sender with a wrong clock must not flood the log: each patient once, a few at a time.
void SealedInbox::Writer::tell_implausible(const std::vector<std::string>& patients) {
    std::vector<std::string> news;
    for (const auto& patient : patients)
        if (told_.insert(patient)) news.push_back(patient);
    const auto shown = std::min(news.size(), most_told);
    for (std::size_t i = 0; i < shown; ++i) {
        std::string reason = "is more than a day ahead of this machine's clock";
        if (i + 1 == shown && shown < news.size())
            reason += " (and of " + std::to_string(news.size() - shown) + " more patients)";
        log::Event event(log::events::record_implausible_time);
        event.add(log::Key::source, records_->source());
        if (!news[i].empty()) event.add(log::Key::patient, news[i]);
        event.add(log::Key::reason, std::move(reason));
        log_->write(event);
    }
}

SealedInbox::SealedInbox(asio::any_io_executor executor, state::Database& database,
                         SealedRecords records, log::EventLog& log, WallClock wall_clock,
                         reconcile::IdentityPolicy identity, InboxQuota quota)
    : database_(&database),
      records_(std::make_shared<const SealedRecords>(std::move(records))),
      wall_clock_(std::move(wall_clock)),
      writer_(std::make_shared<Writer>(std::move(executor), database, log, wall_clock_,
                                       std::move(identity), quota, records_)) {}

SealedInbox::~SealedInbox() = default;

Task<SourceResult<Receipt>> SealedInbox::put(Arrival arrival) {
    for (auto& record : arrival.records)
        record = within_bounds(std::move(record));
    const auto waiting = writer_->enqueue(std::move(arrival));
    while (!waiting->done)
        co_await waiting->answered.wait();
    co_return std::move(waiting->result);
}

Task<SourceResult<std::optional<Receipt>>> SealedInbox::find(ContentDigest content) {
    try {
        auto job = [records = records_, content](state::Store& store) {
            const auto known =
                store.inbox_receipt(records->source(), records->content_key(content));
            auto answer = known ? records->open_receipt(*known) : std::nullopt;
            return answer ? std::optional(Receipt(*std::move(answer), true)) : std::nullopt;
        };
        co_return co_await database_->run(std::move(job));
    } catch (const std::exception& failure) {
        co_return std::unexpected(unavailable(failure));
    }
}

SealedInbox::Entry SealedInbox::open(const SealedRecords& records, const state::InboxEntry& sealed,
                                     reconcile::Instant now) {
    Entry entry;
    entry.sequence = sealed.sequence;
    entry.record = records.shown(sealed);
    // Former versions kept times that nobody believes.
    judge_times(entry.record, now);
    return entry;
}

Task<SourceResult<std::int64_t>> SealedInbox::newest() {
    try {
        auto job = [records = records_](state::Store& store) {
            return store.inbox_newest(records->source());
        };
        co_return co_await database_->run(std::move(job));
    } catch (const std::exception& failure) {
        co_return std::unexpected(unavailable(failure));
    }
}

Task<SourceResult<std::vector<SealedInbox::Entry>>>
SealedInbox::read(bool only_new, std::int64_t after, std::size_t limit) {
    try {
        auto job = [records = records_, only_new, after, limit,
                    now = wall_clock_()](state::Store& store) {
            std::vector<Entry> entries;
            for (const auto& sealed :
                 store.inbox_after(records->source(), only_new, after, limit)) {
                entries.push_back(open(*records, sealed, now));
            }
            return entries;
        };
        co_return co_await database_->run(std::move(job));
    } catch (const std::exception& failure) {
        co_return std::unexpected(unavailable(failure));
    }
}

Task<SourceResult<std::optional<SealedInbox::Entry>>>
SealedInbox::read_one(std::string external_id) {
    SourceRecord asked;
    asked.patient.set_external_id(std::move(external_id));
    try {
        auto job = [records = records_, key = records_->key_of(asked),
                    now = wall_clock_()](state::Store& store) {
            const auto found =
                store.inbox_entries(records->source(), std::vector<std::string>(1, key));
            std::optional<Entry> entry;
            if (found.front()) entry = open(*records, *found.front(), now);
            return entry;
        };
        co_return co_await database_->run(std::move(job));
    } catch (const std::exception& failure) {
        co_return std::unexpected(unavailable(failure));
    }
}

Task<SourceResult<void>> SealedInbox::mark_taken(std::int64_t up_to) {
    state::Batch batch;
    batch.take_inbox(records_->source(), up_to);
    try {
        auto job = [batch = std::move(batch), writer = writer_](state::Store& store) {
            store.commit(batch);
            writer->admission().taken();
        };
        co_await database_->run(std::move(job));
    } catch (const std::exception& failure) {
        co_return std::unexpected(unavailable(failure));
    }
    co_return SourceResult<void>();
}

} // namespace medibridge::connectors
