#pragma once

#include "base/http/pacing.hpp"
#include "model_server.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::test {

/// How a refusal says how long to wait.
enum class Tells { nothing, seconds, date, reset_in_seconds, reset_unix_time };

/// Clients that always have something to send, against one server, in virtual time.
struct WorldSettings {
    Tells tells = Tells::nothing;
    int clients = 1;         ///< instances, each with its own pacing
    int concurrency = 8;     ///< requests that each has under way at most
    double latency_s = 0.02; ///< mean time of a request
    double jitter = 0.5;     ///< the part of it by which a request may take longer or shorter
    double warm_up_s = 60;   ///< not counted
    double measured_s = 600; ///< counted
    std::uint64_t seed = 1;
    std::optional<double> rate_limit;
};

struct Outcome {
    std::int64_t taken = 0;
    std::int64_t refused = 0;
    double seconds = 0;
    std::int64_t most_in_a_second = 0;  ///< of a running second, while measured
    std::vector<std::int64_t> taken_of; ///< by client
    std::int64_t decisions = 0;         ///< how often a pacing was asked: shows a busy loop

    double rate() const { return static_cast<double>(taken) / seconds; }
    double refused_share() const {
        return static_cast<double>(refused) / static_cast<double>(taken + refused);
    }
};

Outcome run(ModelServer& server, const WorldSettings& settings);

/// An HTTP date, so many seconds after a fixed moment.
std::string http_date(double seconds);

} // namespace medibridge::test
