#pragma once

#include <cstdint>

namespace medibridge::connectors {

/// What a listener has done since its start.
class MllpStats {
  public:
    std::int64_t messages = 0;    ///< whole ones that came
    std::int64_t stored = 0;      ///< made durable, repetitions not counted
    std::int64_t repeated = 0;    ///< had come before: the first answer again
    std::int64_t faulty = 0;      ///< of those stored: their data can never be used
    std::int64_t skipped = 0;     ///< of those stored: MSH-11 is another than ours
    std::int64_t refused = 0;     ///< `AR`: not ours, or no HL7
    std::int64_t failed = 0;      ///< `AE`: could not be stored
    std::int64_t cut = 0;         ///< blocks that did not come to their end
    std::int64_t bytes = 0;       ///< received
    std::int64_t connections = 0; ///< accepted
    std::int64_t open = 0;        ///< connections now
    std::int64_t turned_away = 0; ///< connections over the limit
};

} // namespace medibridge::connectors
