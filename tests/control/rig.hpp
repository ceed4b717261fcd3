#pragma once

#include "base/runtime/concurrency.hpp"
#include "child.hpp"
#include "control/api.hpp"
#include "control/backend.hpp"
#include "schema.hpp"
#include "state/sqlite_store.hpp"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::tests {

/// What a request was answered with.
struct Answer {
    int status = 0;
    nlohmann::json json;               ///< the object, or the last line
    std::vector<nlohmann::json> lines; ///< of an answer of lines, all of them
};

/// Medicapp as a list that can be read.
class ListedMedicapp final : public connectors::Medicapp {
  public:
    runtime::Task<connectors::Reply<connectors::MedicappPage>>
    list(connectors::ListQuery query) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>> get(std::string id) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    create(reconcile::Patient) override {
        throw std::logic_error("the API writes nothing by itself");
    }
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    update(connectors::PatientUpdate) override {
        throw std::logic_error("the API writes nothing by itself");
    }

    std::vector<connectors::MedicappPatient> patients;
    std::string trouble; ///< why it does not answer; empty: it does
};

/// Names of what was logged.
class LoggedNames final : public log::EventLog {
  public:
    void write(const log::Event& event) override { names.emplace_back(event.type().name); }
    std::vector<std::string> names;
};

/// A program that serves the API: a real state, and cycles that are what a test says.
class ModelBackend final : public control::Backend {
  public:
    explicit ModelBackend(const std::filesystem::path& directory);

    state::Database& database() override { return database_; }
    const reconcile::Digester& digester() const override { return digester_; }
    log::EventLog& log() override { return events; }
    connectors::Medicapp& medicapp() override { return model_medicapp; }
    const config::Settings& settings() const override { return its; }
    control::Live live() const override;
    std::int64_t now_ms() const override { return now; }
    runtime::Task<control::CycleEnd> run_cycle(sync::Request request,
                                               sync::Observer& observer) override;
    runtime::Task<void> pause(control::Pause pause, state::Batch with) override;
    runtime::Task<void> resume(state::Batch with) override;
    runtime::Task<sync::Inquiry> inquire(std::string key) override;
    runtime::Task<std::string> decide(sync::Order order) override;
    runtime::Task<control::SourceLook> look_at_source(std::string name, control::LookLimits limits,
                                                      control::SeeRecords see) override;
    runtime::Task<connectors::Reply<connectors::MedicappPage>>
    ask_medicapp(connectors::ListQuery query, std::chrono::milliseconds limit) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    ask_medicapp_about(std::string medicapp_id) override {
        return model_medicapp.get(std::move(medicapp_id));
    }
    runtime::Task<connectors::Reply<void>> erase_in_medicapp(std::string medicapp_id) override;
    runtime::Task<connectors::Reply<connectors::Behaviour>> look_at_behaviour() override;
    runtime::Task<connectors::Reply<connectors::Behaviour>>
    try_sentinel(std::string external_id) override;
    runtime::Task<connectors::Reply<void>> remove_sentinels(std::string external_id) override;
    runtime::Task<control::StateKeyPlace> state_key() override {
        co_return control::StateKeyPlace{"bbbbbbbbbbbb", its.state.key ? "" : "/state.db.key"};
    }
    runtime::Task<control::KeyRotation> rotate_key(std::optional<state::KeyBytes> key,
                                                   state::AuditEntry line,
                                                   std::string abandoned) override;
    std::filesystem::path config_file() const override { return config; }
    control::ConfigFindings check_config() const override { return findings; }

    LoggedNames events;
    config::Settings its;
    control::Live known;
    std::int64_t now;
    std::vector<sync::Request> requests; ///< of the cycles that were asked for
    std::function<control::CycleEnd(sync::Observer&)> cycle;
    runtime::Signal* cycle_waits_for = nullptr; ///< null: nothing
    sync::Inquiry sight;                        ///< what both sides show of whomever is asked for
    std::vector<sync::Order> orders;            ///< that were given
    std::string refusal;                        ///< what they are answered
    ListedMedicapp model_medicapp;
    std::vector<reconcile::SourceRecord> records; ///< of the source
    control::SourceLook look;                     ///< how it is read
    std::filesystem::path config;
    control::ConfigFindings findings;
    std::vector<std::optional<std::string>> keys; ///< checks of those that were given
    std::vector<std::string> keys_abandoned;
    std::vector<std::string> erased;                    ///< ids that were sent
    connectors::Reply<connectors::Behaviour> behaviour; ///< that a probe sees
    connectors::Reply<connectors::Behaviour> tried;     ///< that a sentinel shows
    std::vector<std::string> sentinels;                 ///< what was asked for, and of whom
    std::function<connectors::Reply<void>()> erasure = [] { return connectors::Reply<void>(); };
    state::Store& store() { return *store_; }

  private:
    reconcile::Digester digester_;
    std::unique_ptr<state::Store> store_;
    state::Database database_;
};

/// The API without a socket. Every answer is held against docs/control-api.yaml.
class ApiTest : public ::testing::Test {
  protected:
    ApiTest() : backend_(directory_.path()), api_(backend_, ::geteuid()) {}

    /// `operation`: as the document names it, such as `/pseudonyms/{text}`; empty: `target`
    /// without its query.
    Answer get(const std::string& target, const std::string& operation = {}) {
        return ask("GET", target, {}, operation);
    }
    Answer post(const std::string& target, const nlohmann::json& body = nullptr,
                const std::string& operation = {}) {
        return ask("POST", target, body.is_null() ? "" : body.dump(), operation);
    }
    Answer ask(const std::string& method, const std::string& target, const std::string& body,
               const std::string& operation);
    /// Fails the test unless that is an error with that code.
    void expect_error(const Answer& answer, int status, const std::string& code);
    void commit(state::Batch batch) { backend_.store().commit(batch); }
    std::vector<state::AuditEntry> audit() { return backend_.store().audit({}); }

    TemporaryDirectory directory_;
    boost::asio::io_context io_{1};
    ModelBackend backend_;
    control::Api api_;
    http::PeerCredentials peer_{::geteuid(), ::getegid(), 1}; ///< who asks
    ApiSchema schema_;
};

} // namespace medibridge::tests
