#pragma once

#include "base/log/event.hpp"
#include "connectors/hl7v2/mllp_listener.hpp"
#include "inbox_double.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace medibridge::connectors::hl7::test {

class RecordingLog final : public log::EventLog {
  public:
    void write(const log::Event& event) override { events.push_back(event); }
    std::vector<log::Event> events;
};

/// A sender with a blocking socket. What takes longer than 20 seconds fails the test.
class Sender {
  public:
    /// `from` is the last number of its address, 127.0.0.1 by default.
    explicit Sender(std::uint16_t port, std::uint8_t from = 1);
    ~Sender();
    Sender(Sender&& other) noexcept;
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    void send(std::string_view bytes) const;
    /// Sends as much as goes without waiting; how much that was.
    std::size_t send_some(std::string_view bytes) const;
    /// The next answer without its marks; nothing: the connection ended.
    std::optional<std::string> receive();
    /// Sends one message and gives MSA-1 and MSA-2 of the answer: `AA 7`.
    std::string ask(std::string_view message);
    /// Says that nothing follows, and still reads.
    void half_close() const;
    /// Ends the connection the hard way.
    void reset();
    /// Whether the listener closes the connection without another word.
    bool is_closed() { return !receive().has_value(); }

  private:
    int socket_;
    std::string input_;
};

/// `AA 7` of an answer.
std::string told(const std::optional<std::string>& answer);

/// A listener on a free port with an inbox in memory, on a thread of its own.
class ListenerTest : public testing::Test {
  protected:
    ListenerTest();
    ~ListenerTest() override;

    /// By a clock that goes ahead by ahead_.
    SourceEnvironment environment();
    const std::shared_ptr<figures::Side> figures_ = std::make_shared<figures::Side>();
    /// Listens with settings_ and limits_.
    void start();
    void stop();
    Sender connect(std::uint8_t from = 1) const { return Sender(port_, from); }

    /// Runs something on the listener's thread and waits for it.
    void on_io(const std::function<void()>& what);
    /// Waits until a condition holds there; fails the test if that takes unreasonably long.
    void wait_until(const std::function<bool()>& holds);
    MllpStats stats();
    /// The names of the events so far, and the reasons of those of one name.
    std::vector<std::string> events();
    std::vector<std::string> reasons(const std::string& event);

    Hl7Settings settings_;
    MllpLimits limits_;
    boost::asio::io_context io_{1};
    InboxDouble inbox_;
    RecordingLog log_;
    std::unique_ptr<runtime::Clock> clock_;
    std::unique_ptr<MllpListener> listener_;
    std::uint16_t port_ = 0;
    int arrivals_ = 0;
    std::chrono::hours ahead_{0};

  private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::thread thread_;
};

} // namespace medibridge::connectors::hl7::test
