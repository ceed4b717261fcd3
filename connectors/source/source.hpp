#pragma once

#include "base/bytes/id_set.hpp"
#include "base/runtime/task.hpp"
#include "reconcile/patient.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::connectors {

/// Why a source cannot be read.
class SourceError {
  public:
    enum class Kind {
        unavailable,  ///< try again later
        unauthorized, ///< credentials refused
        unreadable,   ///< it answers something that the mapping does not fit
        cancelled,
    };

    SourceError() = default;
    SourceError(Kind kind_, std::string what_) : kind(kind_), what(std::move(what_)) {}

    Kind kind = Kind::unavailable;
    std::string what; ///< for an operator: what, where, and how to fix it; never a value
};

template <class T>
using SourceResult = std::expected<T, SourceError>;

class SourcePage {
  public:
    SourcePage() = default;

    std::vector<reconcile::SourceRecord> records;
    /// Records that changed while the pass went on: who is shown, but nothing to act on. The next
    /// pass has them among its records.
    std::vector<reconcile::SourceRecord> later;
    bool last = false; ///< nothing follows
    /// The source's own clock, if it shows one. Its differences show which changes are settled. A
    /// time in the data that is more than a day later than both this clock and this machine's is
    /// not believed.
    std::optional<reconcile::Instant> server_time;
    /// The finest precision that a timestamp of the page shows.
    reconcile::Precision precision = reconcile::Precision::seconds;
};

/// One pass over a source's records, page by page. Ends with a page that says `last`, or with an
/// error; do not call next() after either.
class SourceReading {
  public:
    virtual ~SourceReading() = default;
    virtual runtime::Task<SourceResult<SourcePage>> next() = 0;
    /// After the last page: whether the pass is known to have shown everything, because it had one
    /// page or because the pass before showed the same. An equal total and links to the end prove
    /// nothing: when a list changes meanwhile, records move past the reader. False if
    /// contradiction() is not empty.
    virtual bool proven() const = 0;
    /// After the last page: equal for two passes that showed the same patients, in any order and
    /// whatever was edited. A source that repeats a record in each pass counts as stable.
    virtual std::uint64_t fingerprint() const = 0;
    /// Which of the source's numbers (total, pages, links, page sizes) disagree, in words for an
    /// operator: `total says 23, 12 shown`. Empty: none. Such a pass proves nothing, even if it
    /// repeats.
    virtual std::string contradiction() const { return {}; }
    /// An empty set for the externalIds that the pass shows: where the pass itself keeps them, they
    /// take no more memory in it.
    virtual base::IdSet alike() const { return {}; }
    /// After the last page: how far the pass has come, in a source that keeps a cursor.
    virtual std::int64_t cursor() const { return 0; }
};

/// A HIS's patients.
class Source {
  public:
    virtual ~Source() = default;
    virtual const std::string& name() const = 0;
    /// Reads what was modified at or after `since` (nothing: everything). A source may give more.
    virtual std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) = 0;
    /// Reads what is shown of that externalId at this moment: all its records, doubles, merged and
    /// deleted ones included where the source can tell. May give records of others, too. It is no
    /// pass of the list: what read() proves and remembers does not change, and nothing is taken.
    /// proven() tells whether everything of that externalId was shown.
    virtual std::unique_ptr<SourceReading> read_one(const std::string& external_id);
    /// Whether read_one() asks for little more than one patient, rather than for the whole list.
    virtual bool reads_one() const { return false; }
    /// Requests sent so far.
    virtual std::int64_t requests() const = 0;
    /// Ends what is under way with SourceError::Kind::cancelled.
    virtual void cancel() = 0;

    /// Starts to accept what senders push, for a source that listens or watches. Throws
    /// std::runtime_error for an address that it cannot listen on.
    virtual void start() {}
    /// Accepts nothing more; first stores and answers what was already read. After start(), await
    /// this before destroying the source. May be called again.
    virtual runtime::Task<void> stop();

    /// Whether the source itself knows what was taken from it, as an inbox does. read() then
    /// ignores `since` and gives what was not taken yet. A patient whom such a reading does not
    /// show is not missing.
    virtual bool keeps_cursor() const { return false; }
    /// Whether what the source shows of a patient is all that it knows of that externalId. If not,
    /// a poll may show a closed or merged record although another one, unchanged, is in use.
    virtual bool knows_doubles() const { return keeps_cursor(); }
    /// Everything up to that cursor is durably applied or held. Only called if keeps_cursor().
    /// Throws if this cannot be stored.
    virtual runtime::Task<void> taken(std::int64_t cursor);
};

} // namespace medibridge::connectors
