#include "base/http/server.hpp"
#include "control/call.hpp"
#include "fuzz/targets.hpp"

#include <algorithm>
#include <stdexcept>

namespace medibridge::fuzz {
namespace {

using control::Backend;
using runtime::Task;

[[noreturn]] void nobody() {
    throw std::logic_error("what reads a request asks nobody");
}

class NoBackend final : public Backend {
  public:
    state::Database& database() override { nobody(); }
    const reconcile::Digester& digester() const override { nobody(); }
    connectors::Medicapp& medicapp() override { nobody(); }
    log::EventLog& log() override { nobody(); }
    const config::Settings& settings() const override { nobody(); }
    control::Live live() const override { nobody(); }
    std::int64_t now_ms() const override { nobody(); }
    Task<control::CycleEnd> run_cycle(sync::Request, sync::Observer&) override { nobody(); }
    Task<void> pause(control::Pause, state::Batch) override { nobody(); }
    Task<void> resume(state::Batch) override { nobody(); }
    Task<sync::Inquiry> inquire(std::string) override { nobody(); }
    Task<std::string> decide(sync::Order) override { nobody(); }
    Task<control::SourceLook> look_at_source(std::string, control::LookLimits,
                                             control::SeeRecords) override {
        nobody();
    }
    Task<connectors::Reply<connectors::MedicappPage>>
    ask_medicapp(connectors::ListQuery, std::chrono::milliseconds) override {
        nobody();
    }
    Task<connectors::Reply<connectors::MedicappPatient>> ask_medicapp_about(std::string) override {
        nobody();
    }
    Task<connectors::Reply<void>> erase_in_medicapp(std::string) override { nobody(); }
    Task<control::StateKeyPlace> state_key() override { nobody(); }
    Task<control::KeyRotation> rotate_key(std::optional<state::KeyBytes>, state::AuditEntry,
                                          std::string) override {
        nobody();
    }
    Task<connectors::Reply<connectors::Behaviour>> look_at_behaviour() override { nobody(); }
    Task<connectors::Reply<connectors::Behaviour>> try_sentinel(std::string) override { nobody(); }
    Task<connectors::Reply<void>> remove_sentinels(std::string) override { nobody(); }
    std::filesystem::path config_file() const override { return {}; }
    control::ConfigFindings check_config() const override { nobody(); }
};

class NoWriter final : public http::ResponseWriter {
  public:
    Task<void> answer(int, std::string_view, std::string) override { nobody(); }
    Task<void> begin(std::string_view) override { nobody(); }
    Task<bool> line(std::string) override { nobody(); }
    bool gone() const override { return true; }
    bool begun() const override { return false; }
};

template <class Read>
void tolerating_failures(const Read& read) {
    try {
        read();
    } catch (const control::Failure& failure) {
        require(*failure.what() != '\0');
        require(failure.kind() == control::Failure::Kind::usage);
    }
}

} // namespace

/// The first line is a target, the rest a body.
void read_control_body(std::string_view bytes) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    http::ServerRequest request;
    request.method = "POST";
    if (!http::read_target(bytes.substr(0, end), request).empty()) return;
    request.body = bytes.substr(std::min(end + 1, bytes.size()));
    NoBackend backend;
    NoWriter writer;
    const control::Call call{backend, request, writer, {}, {}};
    tolerating_failures([&] { call.allow_parameters({"limit", "before"}); });
    tolerating_failures(
        [&] { control::count_of(request.parameter("limit").value_or(""), "limit", 9); });
    tolerating_failures(
        [&] { control::time_of(request.parameter("before").value_or(""), "before"); });
    tolerating_failures([&] {
        const auto body = call.body({"id", "full", "expect", "reason"});
        tolerating_failures([&] { control::text_in(body, "id"); });
        tolerating_failures([&] { control::flag_in(body, "full"); });
        tolerating_failures([&] { control::number_in(body, "expect"); });
        require(!control::text_of(body).contains('\n'));
    });
}

} // namespace medibridge::fuzz
