#pragma once

#include "sandbox/exchange.hpp"
#include "sandbox/settings.hpp"
#include "sandbox/times.hpp"

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace medibridge::sandbox {

class World;

/// A simulated Medicapp and a simulated HIS on 127.0.0.1, served by the thread that runs the
/// io_context. The io_context must outlive it; all calls must come from its thread, or while it
/// does not run.
class Sandbox {
  public:
    /// Fills Medicapp and the HIS, and listens at once. Throws std::runtime_error or
    /// std::invalid_argument that says what is wrong: a port that is taken, a file that cannot be
    /// read, a bad fault.
    Sandbox(boost::asio::io_context& io, Settings settings,
            std::shared_ptr<const Clock> clock = std::make_shared<const Clock>());
    /// As stop().
    ~Sandbox();
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    std::string medicapp_url() const; ///< `http://127.0.0.1:PORT/v5`
    std::string his_url() const;      ///< `http://127.0.0.1:PORT/api/patients`, or `/fhir`
    std::string control_url() const;  ///< `http://127.0.0.1:PORT/sandbox`
    const std::string& api_key() const;
    /// The settings as they are now, with the API key.
    const Settings& settings() const;

    /// What the control API would answer, without a socket:
    /// `control(Verb::post, "/faults", R"({"faults":["POST:1:reset-after"]})")`.
    Reply control(Verb verb, std::string_view target, std::string_view body = {});

    World& world();

    /// Closes all sockets and ends the schedule, so that the io_context can run out of work.
    void stop();

  private:
    class Running;
    std::unique_ptr<Running> running_;
};

} // namespace medibridge::sandbox
