#pragma once

#include "reconcile/instant.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace medibridge::reconcile {

/// How far Medicapp or a source has been read, in the data's own time.
///
/// A row may become visible later than its timestamp says, so each poll reads again from `overlap`
/// before the newest stamp. Once the server's own clock has moved by `overlap` since that stamp was
/// first reached, nothing at or before it can still appear: the stamp is settled, and polls
/// start right there, so that they still show the row that carries it, the anchor. Only differences
/// of the server's clock are used, so its offset does not matter.
///
/// What fits one page shows one moment. A pass of several pages does not: a row of an earlier page
/// may change, or be missed, while a later one is read. Such a change is no older than what the
/// data showed before the pass began, so up to there everything was read. What the pass shows
/// beyond is `pending` until one more pass has begun where that pass began.
struct ReadMark {
    std::optional<Instant> stamp;   ///< the newest time of the data up to which everything was read
    std::optional<Instant> pending; ///< newer than `stamp`: shown by a pass of several pages
    std::optional<Instant> reached_at; ///< the server's clock when a read first showed the newest
    std::optional<Instant> clock;      ///< the server's clock at the last read
    bool settled = false;              ///< nothing at or before `stamp` can appear any more
    Precision precision = Precision::seconds;
    std::string anchor; ///< the key of a row that was shown at `stamp`; empty: none is known
};

/// What one complete, proven read showed.
struct ReadResult {
    std::optional<Instant> newest;     ///< the newest time of the data; nothing: no row had one
    std::string newest_key;            ///< of a row that has it; empty: the row has no key
    std::string anchor;                ///< the key of the row that is looked for; empty: none
    std::optional<Instant> anchor_at;  ///< the newest time at which it was shown
    std::optional<Instant> started_at; ///< the server's clock at the start of the read
    std::int64_t pages = 0;            ///< of those that had rows
    /// The newest time of the data that was known before the read began; nothing: none was.
    std::optional<Instant> known_before;
    Precision precision = Precision::seconds;

    /// Takes one row into account. A time more than a minute ahead of `clock`, the latest known
    /// one, is accepted for the row, but moves no watermark: what others change until then would be
    /// missed. Two machines' clocks differ by less, and the overlap covers that.
    void note(const std::string& key, std::optional<Instant> modified_at,
              std::optional<Instant> clock = std::nullopt);
};

/// From which modification time the next poll asks, inclusive whether or not the server's filter
/// is; nothing: everything.
std::optional<Instant> poll_from(const ReadMark& mark, std::chrono::milliseconds overlap);

/// Whether a read that began where poll_from said shows no trace of the row that must be there: it
/// was removed, or the server has gone back in time.
bool lost_anchor(const ReadMark& mark, const ReadResult& read);

/// Whether the server's clock is behind where it was at the last read, by more than a correction.
bool clock_was_set_back(const ReadMark& mark, const ReadResult& read);

/// `read`, which began after `before` had ended: what that one showed was known by then, unless the
/// clock was set back meanwhile.
ReadResult following(ReadResult read, const ReadResult& before);

/// The mark after a complete, proven read that began where poll_from said, or earlier. Never moves
/// back.
ReadMark advance(ReadMark mark, const ReadResult& read, std::chrono::milliseconds overlap);

} // namespace medibridge::reconcile
