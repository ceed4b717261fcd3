#pragma once

#include "sandbox/sandbox.hpp"
#include "sandbox/world.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace medibridge::sandbox {

/// A clock that a test turns.
class TestClock final : public Clock {
  public:
    Millis wall() const override { return wall_; }
    Millis steady() const override { return steady_; }
    void pass(Millis time) {
        wall_ += time;
        steady_ += time;
    }

  private:
    std::atomic<Millis> wall_{1'780'000'000'123}; // 2026-05-28T20:26:40.123Z
    std::atomic<Millis> steady_{1'000};
};

/// What came back over a socket.
struct Answer {
    enum class End { whole, cut, closed, reset };
    End end = End::whole;
    unsigned status = 0;
    std::map<std::string, std::string> headers; ///< names in lower case
    std::string body;

    nlohmann::json json() const;
    /// Medicapp's error code.
    std::string code() const;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One connection, without any cleverness: no retry, no pool.
class RawClient {
  public:
    explicit RawClient(std::uint16_t port);
    ~RawClient();
    Answer send(const std::string& method, const std::string& target, const Headers& headers,
                const std::string& body);

  private:
    class Connection;
    std::unique_ptr<Connection> connection_;
};

/// A sandbox on a thread of its own, spoken to over real sockets.
class RunningSandbox {
  public:
    explicit RunningSandbox(Settings settings = quiet());
    ~RunningSandbox();

    /// No patients.
    static Settings quiet();

    /// A request to Medicapp with the right key; `target` follows `/v5`.
    Answer medicapp(const std::string& method, const std::string& target,
                    const std::string& body = {});
    Answer medicapp(const std::string& method, const std::string& target, const Headers& headers,
                    const std::string& body);
    /// `target` follows `/api/patients`.
    Answer his(const std::string& target, const Headers& headers = {});
    /// `target` follows `/sandbox`.
    Answer control(const std::string& method, const std::string& target,
                   const std::string& body = {});

    /// Creates a patient whose externalId is given; the answer must be 201. Returns the id.
    std::string create(const std::string& external_id);
    /// The externalIds of a Medicapp list.
    std::vector<std::string> listed(const std::string& query = "per_page=100");
    /// The control API's statistics.
    nlohmann::json stats();

    TestClock& clock() { return *clock_; }
    const std::string& key() const { return key_; }
    std::uint16_t medicapp_port() const { return medicapp_port_; }

  private:
    boost::asio::io_context io_;
    std::shared_ptr<TestClock> clock_ = std::make_shared<TestClock>();
    Sandbox sandbox_;
    std::string key_;
    std::uint16_t medicapp_port_;
    std::uint16_t his_port_;
    std::uint16_t control_port_;
    std::thread thread_;
};

/// A body that Medicapp takes.
std::string patient_json(const std::string& external_id);

} // namespace medibridge::sandbox
