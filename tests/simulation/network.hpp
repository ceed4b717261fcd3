#pragma once

#include "virtual_clock.hpp"

#include "base/http/transport.hpp"
#include "sandbox/world.hpp"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace medibridge::simulation {

/// What befalls a request on its way.
enum class Trouble : std::uint8_t {
    refused,        ///< the connection is refused: nothing is sent
    lost_before,    ///< reset before the server saw the request
    lost_after,     ///< reset after it took effect
    gateway_before, ///< a proxy's HTML 502 in place of the server
    gateway_after,  ///< the same after it took effect
    error_before,   ///< 500 before it took effect
    error_after,    ///< 500 although it took effect
    html_before,    ///< a proxy's page with status 200
    html_after,     ///< the same after it took effect
    cut,            ///< half of the answer, after it took effect
    garbage,        ///< not JSON, after it took effect
    empty_after,    ///< 200 without a body, after it took effect
    rate_limited,   ///< 429
    unavailable,    ///< 503
    unauthorized,   ///< 401, as while a key is being replaced
    slow,           ///< the answer comes after 20 s
    timeout_before, ///< no answer in time, and the request never arrives
    timeout_after,  ///< no answer in time, although it took effect
    arrives_late,   ///< no answer in time, and the request takes effect after that
    arrives_twice,  ///< a proxy sends it twice; the second answer comes back
};
inline constexpr int troubles = static_cast<int>(Trouble::arrives_twice) + 1;
std::string_view name(Trouble trouble);

/// Trouble for the requests numbered `from` to `to` of a cycle, counted from 1.
struct Weather {
    std::int64_t from = 1;
    std::int64_t to = 1;
    Trouble trouble = Trouble::refused;
};

/// Carries the daemon's requests to the simulated sides, in virtual time. What takes how long
/// depends on the seed and the request's number alone.
class Network {
  public:
    /// All outlive the network.
    Network(sandbox::World& world, tests::VirtualClock& clock, std::uint64_t seed);

    http::Transport& medicapp() { return medicapp_; }
    http::Transport& his() { return his_; }

    /// Called when a request leaves and when its answer arrives.
    std::function<void()> on_step;
    /// Called when a request leaves, with its number in the cycle.
    std::function<void(std::int64_t number)> meanwhile;
    /// Sees each request that reaches a side, before it is answered and after; null: none.
    std::function<void(sandbox::Side, const sandbox::Request&)> before_effect;
    std::function<void(sandbox::Side, const sandbox::Request&)> after_effect;

    /// The status with which something before Medicapp refuses a request, in HTML; 0: it does not.
    std::function<int(const sandbox::Request&)> refuses;

    /// Starts counting a cycle's requests anew.
    void begin(std::vector<Weather> weather);
    /// The daemon's process is gone: nothing more is sent, and no answer reaches anybody.
    void disconnect() { connected_ = false; }
    void reconnect() { connected_ = true; }
    /// What a server answers at once, whatever befalls requests.
    static http::Result ask(sandbox::Front& server, const http::Request& request);
    /// What was under way longer than its sender waited arrives, as far as it is due by then.
    void deliver_late(runtime::TimePoint until);

    /// Whether the request that is being answered left its sender long ago.
    bool is_late() const { return is_late_; }

    std::int64_t struck() const { return struck_; } ///< requests with trouble, since the beginning
    std::int64_t requests_of_cycle() const { return number_; }

  private:
    struct Late {
        sandbox::Side side;
        http::Request request;
        runtime::TimePoint due;
    };

    class Line final : public http::Transport {
      public:
        Line(Network& network, sandbox::Side side) : network_(&network), side_(side) {}
        runtime::Task<http::Result> send(http::Request request) override {
            return network_->carry(side_, std::move(request));
        }

      private:
        Network* network_;
        sandbox::Side side_;
    };

    runtime::Task<http::Result> carry(sandbox::Side side, http::Request request);
    runtime::Task<void> travel(runtime::Duration duration);
    const Weather* trouble_of(std::int64_t number) const;
    http::Result reach(sandbox::Side side, const http::Request& request, const Weather* weather);
    runtime::Duration latency(std::int64_t number, std::uint64_t leg) const;

    sandbox::World* world_;
    tests::VirtualClock* clock_;
    std::uint64_t seed_;
    Line medicapp_;
    Line his_;
    std::vector<Weather> weather_;
    std::vector<Late> late_;
    bool connected_ = true;
    bool is_late_ = false;
    std::int64_t number_ = 0;
    std::int64_t all_requests_ = 0;
    std::int64_t struck_ = 0;
};

} // namespace medibridge::simulation
