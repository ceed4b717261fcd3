#pragma once

#include "base/http/transport.hpp"
#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "connectors/rest/source.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::connectors {

/// Time that passes only by sleeping.
class VirtualClock final : public runtime::Clock {
  public:
    runtime::TimePoint now() const override { return now_; }
    runtime::Task<void> sleep_until(runtime::TimePoint when) override;
    void wake() override { ++wakes; }

    std::vector<runtime::Duration> sleeps;
    int wakes = 0;
    std::function<void()> on_sleep;

  private:
    runtime::TimePoint now_{};
};

/// Answers by a function; keeps what was asked.
class ScriptedTransport final : public http::Transport {
  public:
    using Answer = std::function<http::Result(const http::Request&)>;

    runtime::Task<http::Result> send(http::Request request) override;

    Answer answer;
    std::vector<http::Request> asked;
};

class KeptLog final : public log::EventLog {
  public:
    void write(const log::Event& event) override { events.push_back(event); }
    std::string text() const;

    std::vector<log::Event> events;
};

http::Response json_answer(std::string body, int status = 200);
http::Result failure(http::ErrorKind kind);

/// The value of a query parameter; nothing if it is not there.
std::optional<std::string> parameter(const std::string& target, const std::string& name);

/// Settings for `{"patients": […], …}` with the fields ipp, nom, prenom, naissance, maj.
RestSettings simple_settings();

/// One record with those fields.
std::string patient_json(const std::string& id,
                         const std::string& modified = "2026-01-01T00:00:00Z");
std::string list_json(const std::vector<std::string>& records, const std::string& more = "");

/// What a whole pass gave.
struct Pass {
    std::vector<reconcile::SourceRecord> records;
    std::vector<SourcePage> pages; ///< without their records
    std::optional<SourceError> error;
    bool proven = false;
    std::uint64_t fingerprint = 0;
    std::string contradiction;

    std::vector<std::string> ids() const;
};

/// Leads to one scripted transport; keeps what for, and how often it was ended.
class ScriptedTransports final : public Transports {
  public:
    ScriptedTransports(ScriptedTransport& transport, int& cancels, std::vector<http::Url>* asked)
        : transport_(transport),
          cancels_(cancels),
          asked_(asked) {}
    http::Transport& to(const http::Url& server) override;
    void cancel() override { ++cancels_; }

  private:
    ScriptedTransport& transport_;
    int& cancels_;
    std::vector<http::Url>* asked_; ///< null: nobody wants to know
};

/// A source over a scripted HIS, in virtual time.
class SimulatedHis {
  public:
    explicit SimulatedHis(RestSettings settings = simple_settings(), RestLimits limits = {});

    Pass pass(std::optional<reconcile::Instant> since = std::nullopt);

    VirtualClock clock;
    ScriptedTransport transport;
    KeptLog log;
    int transport_cancels = 0;
    std::unique_ptr<RestSource> source;
};

/// Reads to the end.
Pass run_reading(SourceReading& reading);
Pass run_pass(Source& source, std::optional<reconcile::Instant> since);
/// The next page of a reading that goes on later.
SourceResult<SourcePage> next_page(SourceReading& reading);

} // namespace medibridge::connectors
