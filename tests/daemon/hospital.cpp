#include "hospital.hpp"

#include "base/http/client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <exception>
#include <gtest/gtest.h>
#include <sstream>
#include <stdexcept>

namespace medibridge::tests {

namespace asio = boost::asio;
using Json = nlohmann::json;

namespace {

std::vector<std::string> command(const char* program, const std::vector<std::string>& arguments) {
    std::vector<std::string> all{program};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

std::vector<std::string> sandbox_command(const std::vector<std::string>& arguments,
                                         const std::filesystem::path& directory) {
    auto all = command(MEDIBRIDGE_SANDBOX, {"--write-config", directory / "medibridge.yaml"});
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

} // namespace

std::vector<Json> Ended::events(const std::string& name) const {
    std::vector<Json> found;
    std::istringstream lines(err);
    for (std::string line; std::getline(lines, line);) {
        auto event = Json::parse(line, nullptr, false);
        if (event.is_discarded()) {
            ADD_FAILURE() << "not a log line: " << line;
        } else if (event["event"] == name) {
            found.push_back(std::move(event));
        }
    }
    return found;
}

Hospital::Hospital(std::vector<std::string> sandbox)
    : sandbox_(std::make_unique<Child>(sandbox_command(sandbox, directory()), directory())) {
    addresses_ = Json::parse(sandbox_->first_line());
}

void Hospital::configure(const std::string& yaml) {
    write_file(config(), read_file(config()) + yaml + "\n");
}

std::unique_ptr<Child> Hospital::start(std::vector<std::string> arguments,
                                       const std::map<std::string, std::string>& environment) {
    arguments.insert(arguments.begin(), {MEDIBRIDGED, "--config", config()});
    arguments.insert(arguments.begin(), start_by_.begin(), start_by_.end());
    return std::make_unique<Child>(arguments, directory(), environment);
}

Ended Hospital::once(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "--once");
    const auto child = start(std::move(arguments));
    Ended ended;
    ended.exit = child->wait();
    ended.out = child->out();
    ended.err = child->err();
    return ended;
}

Json Hospital::control(http::Method method, const std::string& path, const Json& body) {
    const auto url = addresses_["control"].get<std::string>() + path;
    const auto response = fetch(url, method, body.is_null() ? "" : body.dump());
    if (response.status / 100 != 2) {
        ADD_FAILURE() << path << ": " << response.status << " " << response.body;
    }
    return Json::parse(response.body, nullptr, false);
}

Json Hospital::stats() {
    return control(http::Method::get, "/stats");
}
void Hospital::reset_stats() {
    control(http::Method::delete_, "/stats");
}

void Hospital::set(const std::string& name, const Json& value) {
    Json body;
    body[name] = value;
    control(http::Method::post, "/switches", body);
}

void Hospital::set_faults(const std::vector<std::string>& faults) {
    Json body;
    body["faults"] = faults;
    control(http::Method::post, "/faults", body);
}

bool Hospital::kill_at(const std::vector<std::string>& faults, std::vector<std::string> arguments) {
    set_faults(faults);
    arguments.insert(arguments.begin(), {"--once", "--output", "json"});
    const auto run = start(arguments);
    const auto strikes = [this] {
        return control(http::Method::get, "/faults")["faults"][0]["hits"] != 0;
    };
    bool there = strikes();
    while (!there && !run->ended())
        there = strikes();
    if (there) run->signal(SIGKILL);
    run->wait();
    set_faults({});
    return there;
}

std::map<std::string, Json> Hospital::medicapp_patients() {
    std::map<std::string, Json> patients;
    const auto dump = control(http::Method::get, "/medicapp/patients");
    for (const auto& patient : dump["patients"]) {
        const auto& key = patient["externalId"];
        const auto external_id = key.is_string() ? key.get<std::string>() : "";
        const bool is_new = patients.emplace(external_id, patient).second;
        EXPECT_TRUE(is_new) << "two patients with externalId " << external_id;
    }
    return patients;
}

std::vector<Json> Hospital::his_patients() {
    return control(http::Method::get, "/his/patients")["patients"].get<std::vector<Json>>();
}

void Hospital::stop_sandbox() {
    sandbox_->signal(SIGTERM);
    sandbox_->wait();
}

namespace {

/// What stands at a place of a patient, without spaces; empty if nothing does.
std::string folded(const Json& patient, const char* place) {
    const Json::json_pointer pointer(place);
    const auto text = patient.contains(pointer) ? patient[pointer] : Json();
    std::string result;
    for (const char c : text.is_string() ? text.get<std::string>() : "") {
        if (c != ' ') result += c;
    }
    return result;
}

} // namespace

std::string differences_between_sides(Hospital& hospital) {
    const auto in_medicapp = hospital.medicapp_patients();
    std::string wrong;
    for (const auto& patient : hospital.his_patients()) {
        const auto place = in_medicapp.find(patient["ipp"].get<std::string>());
        const auto mail = folded(patient, "/contact/mail");
        const auto street = folded(patient, "/adresse/voie");
        const bool is_right =
            place != in_medicapp.end() &&
            (mail.empty() || folded(place->second, "/email") == mail) &&
            (street.empty() || folded(place->second, "/address/street") == street);
        if (is_right) continue;
        wrong += "HIS: " + patient.dump() + "\nMedicapp: ";
        wrong += place == in_medicapp.end() ? "nobody" : place->second.dump();
        wrong += '\n';
    }
    return wrong;
}

http::Response fetch(const std::string& url, http::Method method, const std::string& body) {
    const auto parsed = http::parse_url(url);
    if (!parsed) throw std::invalid_argument("no URL: " + url);
    asio::io_context io;
    http::ClientSettings settings;
    settings.origin = *parsed;
    http::Client client(io.get_executor(), settings);
    http::Request request(method, parsed->path);
    request.body = body;
    request.headers.emplace_back("Content-Type", "application/json");
    std::exception_ptr error;
    http::Result result = std::unexpected(http::Error());
    auto on_end = [&](std::exception_ptr thrown, http::Result answer) {
        error = std::move(thrown);
        result = std::move(answer);
        client.cancel();
    };
    asio::co_spawn(io, client.send(std::move(request)), on_end);
    io.run();
    if (error) std::rethrow_exception(error);
    if (!result) throw std::runtime_error(url + ": " + result.error().what);
    return *std::move(result);
}

} // namespace medibridge::tests
