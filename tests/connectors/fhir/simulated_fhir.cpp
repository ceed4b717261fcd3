#include "simulated_fhir.hpp"

#include "source_environment.hpp"

namespace medibridge::connectors {
namespace {

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& part : parts)
        text += (text.empty() ? "" : ",") + part;
    return text;
}

} // namespace

std::string fhir_patient(const std::string& id, const std::string& ipp, const std::string& more,
                         const std::string& updated) {
    return R"({"resourceType":"Patient","id":")" + id + R"(","meta":{"lastUpdated":")" + updated +
           R"("},"identifier":[{"system":")" + ipp_system + R"(","value":")" + ipp +
           R"("}],"name":[{"use":"official","family":"Doe","given":["Jo"]}],)" +
           R"("birthDate":"1980-01-02")" + more + "}";
}

std::string bundle(const std::string& type, const std::vector<std::string>& entries,
                   const std::string& next, const std::string& more) {
    const auto link = next.empty() ? std::string()
                                   : R"(,"link":[{"relation":"self","url":"x"},)"
                                     R"({"relation":"next","url":")" +
                                         next + R"("}])";
    return R"({"resourceType":"Bundle","type":")" + type + "\"" + link + more + R"(,"entry":[)" +
           joined(entries) + "]}";
}

std::string searchset(const std::vector<std::string>& patients, const std::string& next,
                      const std::string& more) {
    std::vector<std::string> entries;
    for (const auto& patient : patients)
        entries.push_back(R"({"search":{"mode":"match"},"resource":)" + patient + "}");
    return bundle("searchset", entries, next, more);
}

std::string deletion(const std::string& id, const std::string& at) {
    return R"({"request":{"method":"DELETE","url":"Patient/)" + id +
           R"("},"response":{"status":"204","lastModified":")" + at + R"("}})";
}

std::string version(const std::string& patient, const std::string& id, const std::string& at) {
    return R"({"resource":)" + patient + R"(,"request":{"method":"PUT","url":"Patient/)" + id +
           R"("},"response":{"status":"200","lastModified":")" + at + R"("}})";
}

std::string outcome(const std::string& severity, const std::string& code,
                    const std::string& diagnostics) {
    return R"({"resourceType":"OperationOutcome","issue":[{"severity":")" + severity +
           R"(","code":")" + code + R"(","diagnostics":")" + diagnostics + R"("}]})";
}

std::string capability(const std::vector<std::string>& parameters,
                       const std::vector<std::string>& interactions) {
    std::vector<std::string> names;
    for (const auto& name : parameters)
        names.push_back(R"({"name":")" + name + R"(","type":"date"})");
    std::vector<std::string> codes;
    for (const auto& code : interactions)
        codes.push_back(R"({"code":")" + code + R"("})");
    return R"({"resourceType":"CapabilityStatement","rest":[{"mode":"server","resource":[)"
           R"({"type":"Observation"},{"type":"Patient","interaction":[)" +
           joined(codes) + R"(],"searchParam":[)" + joined(names) + "]}]}]}";
}

FhirSettings fhir_settings() {
    FhirSettings settings;
    settings.base_url = {"https", "his.local", 443, "/fhir"};
    settings.page_size = 2;
    settings.identifier_system = ipp_system;
    return settings;
}

SimulatedFhir::SimulatedFhir(FhirSettings settings, FhirLimits limits) {
    answer("/metadata", capability({"_lastUpdated"}, {"read", "search-type"}));
    transport.answer = [this](const http::Request& request) { return respond(request); };
    auto its = tests::source_environment("dpi", {}, clock, log, 42);
    its.wall_clock = [this] { return wall; };
    source = std::make_unique<FhirSource>(
        std::move(its), std::move(settings),
        std::make_unique<ScriptedTransports>(transport, transport_cancels, &connected), limits);
}

void SimulatedFhir::answer(const std::string& target, std::vector<http::Result> answers) {
    answers_[target] = {answers.begin(), answers.end()};
}

void SimulatedFhir::answer(const std::string& target, const std::string& body) {
    answer(target, {json_answer(body)});
}

http::Result SimulatedFhir::respond(const http::Request& request) {
    const std::string prefix = "/fhir";
    const auto target =
        request.target.starts_with(prefix) ? request.target.substr(prefix.size()) : request.target;
    const auto found = answers_.find(target);
    if (found == answers_.end()) return json_answer("{}", 404);
    auto answer = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    return answer;
}

Pass SimulatedFhir::pass(std::optional<reconcile::Instant> since) {
    return run_pass(*source, since);
}

std::vector<std::string> SimulatedFhir::targets() const {
    std::vector<std::string> targets;
    for (const auto& request : transport.asked)
        targets.push_back(request.target.substr(request.target.starts_with("/fhir") ? 5 : 0));
    return targets;
}

std::vector<std::string> SimulatedFhir::reasons(const std::string& event) const {
    std::vector<std::string> reasons;
    for (const auto& logged : log.events) {
        if (logged.type().name != event) continue;
        for (const auto& [key, value] : logged.fields()) {
            if (key == log::Key::reason) reasons.push_back(std::get<std::string>(value));
        }
    }
    return reasons;
}

} // namespace medibridge::connectors
