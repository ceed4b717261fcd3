#pragma once

#include "virtual_clock.hpp"

#include "base/http/transport.hpp"
#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "connectors/medicapp/client.hpp"
#include "connectors/medicapp/medicapp.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A Medicapp client with a scripted network, in virtual time.
namespace medibridge::test {

using tests::VirtualClock;

/// Answers each request as a function of it, after a while.
class ScriptedTransport final : public http::Transport {
  public:
    using Answer = std::function<http::Result(const http::Request&)>;

    explicit ScriptedTransport(runtime::Clock& clock) : clock_(clock) {}

    runtime::Task<http::Result> send(http::Request request) override;

    /// Adds an answer to the script; once it is used up, `otherwise` answers.
    void then(http::Result result);
    void otherwise(Answer answer) { otherwise_ = std::move(answer); }
    void take_as_long_as(runtime::Duration duration) { duration_ = duration; }

    struct Sent {
        http::Request request;
        runtime::TimePoint at;
    };
    const std::vector<Sent>& sent() const { return sent_; }
    std::size_t most_under_way() const { return most_under_way_; }

  private:
    runtime::Clock& clock_;
    std::deque<http::Result> script_;
    Answer otherwise_;
    runtime::Duration duration_{10};
    std::vector<Sent> sent_;
    std::size_t under_way_ = 0;
    std::size_t most_under_way_ = 0;
};

class RecordingLog final : public log::EventLog {
  public:
    void write(const log::Event& event) override { events_.push_back(event); }
    std::vector<std::string> names() const;
    /// Everything that the events say, in one text.
    std::string text() const;
    const std::vector<log::Event>& events() const { return events_; }

  private:
    std::vector<log::Event> events_;
};

http::Response response(int status, std::string body = {}, http::Headers headers = {});
http::Response json_error(int status, std::string_view code, http::Headers headers = {});
/// What a proxy says in Medicapp's place.
http::Response html(int status, http::Headers headers = {});
http::Result broken(http::ErrorKind kind, bool maybe_executed);
http::Response patient_answer(int status, std::string_view id = "p-1",
                              std::string_view external_id = "IPP-1");
http::Response page_answer();

inline constexpr std::string_view planted_key = "sk-planted-key-0123456789";
inline constexpr std::string_view planted_name = "Plantagenet";

reconcile::Patient planted_patient();
connectors::PatientUpdate planted_update();

connectors::MedicappClientSettings default_settings();

class Rig {
  public:
    explicit Rig(connectors::MedicappClientSettings settings = default_settings());
    /// Ends what a failed test left under way.
    ~Rig();

    boost::asio::io_context io{1};
    VirtualClock clock;
    ScriptedTransport transport;
    RecordingLog log;
    connectors::MedicappClient client;

    /// Runs a call to its end in virtual time.
    template <class T>
    T run(runtime::Task<T> task) {
        auto result = start(std::move(task));
        drive([&] { return result->has_value(); });
        return std::move(**result);
    }

    /// Starts a call; the result is set when it ends.
    template <class T>
    std::shared_ptr<std::optional<T>> start(runtime::Task<T> task) {
        auto result = std::make_shared<std::optional<T>>();
        boost::asio::co_spawn(io, std::move(task), [result](std::exception_ptr error, T value) {
            if (error) std::rethrow_exception(error);
            *result = std::move(value);
        });
        return result;
    }

    /// Lets time pass until `done`, or until nothing can happen any more.
    void drive(const std::function<bool()>& done);
    /// Lets everything happen that needs no time.
    void settle();
    runtime::Duration elapsed() const { return clock.now() - began_; }
    std::size_t requests() const { return transport.sent().size(); }

  private:
    runtime::TimePoint began_;
};

} // namespace medibridge::test
