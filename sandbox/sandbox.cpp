#include "sandbox/sandbox.hpp"

#include "sandbox/control_api.hpp"
#include "sandbox/csv_drop.hpp"
#include "sandbox/hl7_sender.hpp"
#include "sandbox/listener.hpp"
#include "sandbox/ticker.hpp"
#include "sandbox/world.hpp"

#include <optional>

namespace medibridge::sandbox {

namespace {

constexpr std::size_t control_body_limit = 1U << 30; // whole populations are sent to it

std::string origin(const Listener& listener) {
    return "http://127.0.0.1:" + std::to_string(listener.port());
}

Listener::Options medicapp_options(const Settings& settings) {
    Listener::Options options;
    options.port = settings.ports.medicapp;
    return options;
}

Listener::Options his_options(const Settings& settings) {
    Listener::Options options;
    options.port = settings.ports.his;
    options.credential_header = settings.his.auth.header;
    return options;
}

Listener::Options control_options(const Settings& settings) {
    Listener::Options options;
    options.port = settings.ports.control;
    options.body_limit = control_body_limit;
    return options;
}

} // namespace

class Sandbox::Running {
  public:
    Running(boost::asio::io_context& io, Settings settings, std::shared_ptr<const Clock> clock)
        : world(std::move(settings), std::move(clock)),
          control_api(world, [this] { switches_changed(); }),
          medicapp(io, world.medicapp, medicapp_options(world.settings)),
          his(io, world.his, his_options(world.settings)),
          control(io, control_api, control_options(world.settings)),
          his_edits(io, world.settings.schedule.edit_every, [this] { world.edit_his(1); }),
          medicapp_edits(io, world.settings.schedule.edit_medicapp_every,
                         [this] { world.edit_medicapp(1); }),
          erasures(io, world.settings.schedule.erase_every, [this] { world.erase_medicapp(1); }),
          drops(io, world.settings.schedule.drop_every, [this] { drop(); }) {
        world.his_api.set_origin(origin(his));
        world.fhir_api.set_origin(origin(his));
        start_giving(io);
    }

    /// What the HIS does by itself to give its patients.
    void start_giving(boost::asio::io_context& io) {
        if (world.settings.his_type == HisType::csv) {
            csv_drop.emplace(world.his_store, world.settings.drop_directory);
            csv_drop->drop();
        }
        if (world.settings.his_type == HisType::hl7v2) {
            hl7.emplace(io, world.settings.hl7, world.his_store,
                        [this] { return world.his_api.now(); });
            control_api.set_hl7_stats([this] { return hl7->stats(); });
        }
    }

    void drop() {
        if (csv_drop) csv_drop->drop();
    }

    void switches_changed() {
        his.set_credential_header(world.settings.his.auth.header);
        for (auto* ticker : {&his_edits, &medicapp_edits, &erasures, &drops})
            ticker->wake();
    }

    World world;
    ControlApi control_api;
    Listener medicapp;
    Listener his;
    Listener control;
    Ticker his_edits;
    Ticker medicapp_edits;
    Ticker erasures;
    std::optional<CsvDrop> csv_drop;
    Ticker drops;
    std::optional<Hl7Sender> hl7;
};

Sandbox::Sandbox(boost::asio::io_context& io, Settings settings, std::shared_ptr<const Clock> clock)
    : running_(std::make_unique<Running>(io, std::move(settings), std::move(clock))) {}

Sandbox::~Sandbox() = default;

std::string Sandbox::medicapp_url() const {
    return origin(running_->medicapp) + "/v5";
}

std::string Sandbox::his_url() const {
    const bool fhir = settings().his_type == HisType::fhir;
    return origin(running_->his) + (fhir ? "/fhir" : "/api/patients");
}

std::string Sandbox::control_url() const {
    return origin(running_->control) + "/sandbox";
}

const std::string& Sandbox::api_key() const {
    return settings().medicapp.api_key;
}

const Settings& Sandbox::settings() const {
    return running_->world.settings;
}

Reply Sandbox::control(Verb verb, std::string_view target, std::string_view body) {
    const auto mark = target.find('?');
    const std::string path = "/sandbox" + std::string(target.substr(0, mark));
    Request request;
    request.verb = verb;
    request.path = path;
    if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
    request.body = body;
    return running_->control_api.handle(request);
}

World& Sandbox::world() {
    return running_->world;
}

void Sandbox::stop() {
    for (auto* listener : {&running_->medicapp, &running_->his, &running_->control})
        listener->stop();
    for (auto* ticker :
         {&running_->his_edits, &running_->medicapp_edits, &running_->erasures, &running_->drops})
        ticker->stop();
    if (running_->hl7) running_->hl7->stop();
}

} // namespace medibridge::sandbox
