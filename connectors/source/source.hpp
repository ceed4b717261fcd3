#pragma once

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
    bool last = false; ///< nothing follows
    /// The source's own clock, if it shows one. Its differences say what is settled, and no time of
    /// the data that is later than it, and than this machine's clock, by more than a day is
    /// believed.
    std::optional<reconcile::Instant> server_time;
    /// The finest precision that a timestamp of the page shows.
    reconcile::Precision precision = reconcile::Precision::seconds;
};

/// One pass over a source's records, a page at a time. Ends with a page that says `last`, or with
/// an error; next() must not be called after either.
class SourceReading {
  public:
    virtual ~SourceReading() = default;
    virtual runtime::Task<SourceResult<SourcePage>> next() = 0;
    /// Whether the pass, now at its end, is known to have shown everything: by one page, or by the
    /// pass before, which showed the same. An equal total and links to the end prove nothing: a
    /// list that moves shifts records past a reader. False where contradiction() says something.
    virtual bool proven() const = 0;
    /// Whom the pass, now at its end, showed: equal for two passes that showed the same patients,
    /// however ordered and whatever was edited. A source that repeats a record each time is stable
    /// all the same.
    virtual std::uint64_t fingerprint() const = 0;
    /// Which of the pass's own numbers (total, pages, links, page sizes) disagree, in words for an
    /// operator: `total says 23, 12 shown`. Empty: none. Such a pass proves nothing, however often
    /// it repeats.
    virtual std::string contradiction() const { return {}; }
    /// How far the pass, now at its end, has come in a source that keeps a cursor.
    virtual std::int64_t cursor() const { return 0; }
};

/// A HIS's patients.
class Source {
  public:
    virtual ~Source() = default;
    virtual const std::string& name() const = 0;
    /// Reads what was modified at or after `since` (nothing: everything). A source may give more.
    virtual std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) = 0;
    /// Requests sent so far.
    virtual std::int64_t requests() const = 0;
    /// Ends what is under way with SourceError::Kind::cancelled.
    virtual void cancel() = 0;

    /// From now on what senders push is taken, where the source is one that listens or watches.
    /// Throws std::runtime_error for an address that cannot be had.
    virtual void start() {}
    /// Takes nothing more of senders; what was read is stored and answered first. To be awaited
    /// before the source goes, if start() was called; may be called again.
    virtual runtime::Task<void> stop();

    /// Whether the source itself knows what was taken from it, as an inbox does. read() then gives,
    /// for any `since`, what was not taken yet, whatever its times; nothing can be told from what
    /// such a reading does not show.
    virtual bool keeps_cursor() const { return false; }
    /// Whether what the source shows of a patient holds all that it knows of that externalId. Else
    /// a poll may show a closed or merged record beside one in use that did not change.
    virtual bool knows_doubles() const { return keeps_cursor(); }
    /// What a reading showed up to that cursor is applied or held, durably. Only called where
    /// keeps_cursor(). Throws where that cannot be remembered.
    virtual runtime::Task<void> taken(std::int64_t cursor);
};

} // namespace medibridge::connectors
