#pragma once

#include "reconcile/instant.hpp"

#include <chrono>
#include <optional>

namespace medibridge::reconcile {

/// How far one side has been read, in the data's own time.
///
/// A row may become visible later than its timestamp says, so each poll reads again from `overlap`
/// before the newest stamp. Once the side's own clock has moved by `overlap` since that stamp was
/// first reached, nothing at or before it can appear any more: the stamp is settled, and polls
/// start right there. Only differences of the side's clock are used, so its offset does not matter.
struct ReadMark {
    std::optional<Instant> stamp;      ///< the newest time of the data that is behind us
    std::optional<Instant> reached_at; ///< the side's clock when a read first showed `stamp`
    bool settled = false;
    Precision precision = Precision::seconds;
};

/// What one complete, proven read showed.
struct ReadResult {
    std::optional<Instant> newest;     ///< the newest time of the data; nothing: no row had one
    std::optional<Instant> started_at; ///< the side's clock at the start of the read
    Precision precision = Precision::seconds;
};

/// From which modification time the next poll asks, inclusive whether or not the side's filter is;
/// nothing: everything.
std::optional<Instant> poll_from(const ReadMark& mark, std::chrono::milliseconds overlap);

/// The mark after a complete, proven read. Never moves back.
ReadMark advance(ReadMark mark, const ReadResult& read, std::chrono::milliseconds overlap);

} // namespace medibridge::reconcile
