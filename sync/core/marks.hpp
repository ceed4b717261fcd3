#pragma once

#include "reconcile/watermark.hpp"
#include "state/records.hpp"

/// Watermarks as the state keeps them, and as their arithmetic sees them.
namespace medibridge::sync {

reconcile::ReadMark mark_of(const state::Watermark& watermark);

/// The watermark after a complete, proven read.
state::Watermark advanced(state::Watermark watermark, const reconcile::ReadResult& read,
                          std::chrono::milliseconds overlap);

} // namespace medibridge::sync
