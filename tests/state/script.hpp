#pragma once

#include "state/store.hpp"
#include "tests/sanitized.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

/// A fixed series of batches with every kind of change in them, for runs that are interrupted.
namespace medibridge::state::test {

constexpr int scripted_batches = 10;

/// Of all the moments at which something is interrupted, every so many are tried, from another one
/// on each day; a sanitizer's build, ten times as slow, tries fewer. All of them: with
/// MEDIBRIDGE_LONG.
inline const int stride = std::getenv("MEDIBRIDGE_LONG") != nullptr ? 1 : tests::sanitized ? 79 : 3;
/// The first moment, from 1 on.
std::int64_t first_moment();

/// The nth, from 1 on.
Batch scripted(int n);

/// The number of the last batch that the store holds; 0: none.
int last_scripted(Store& store);

/// Everything that the store says of what the batches are about.
std::string scripted_text(Store& store);

/// That text as it must be after each batch, from 0 on.
const std::vector<std::string>& scripted_texts();

} // namespace medibridge::state::test
