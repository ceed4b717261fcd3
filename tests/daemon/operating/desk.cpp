#include "desk.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <unistd.h>

namespace medibridge::tests {

using Method = http::Method;

Desk::Desk(std::vector<std::string> sandbox, const std::string& yaml, bool starts)
    : hospital(std::move(sandbox)) {
    if (!yaml.contains("sync:")) hospital.configure("sync: {interval: 1h}");
    if (!yaml.empty()) hospital.configure(yaml);
    if (!starts) return;
    start();
    wait_for_first_cycle();
}

void Desk::start() {
    service = hospital.start({});
    wait_until(*service, [&] { return said(*service, "control.listening"); });
}

void Desk::wait_for_first_cycle() {
    wait_until(*service, [&] { return said(*service, "cycle.finished"); });
    wait_until(*service, [&] { return ask({"status"})["cycles"] > 0; });
}

int Desk::end() {
    service->signal(SIGTERM);
    return service->wait();
}

void Desk::kill() {
    service->signal(SIGKILL);
    service->wait();
}

std::unique_ptr<Child> Desk::begin(std::vector<std::string> words, const std::string& user) {
    std::vector<std::string> command;
    if (!user.empty())
        command = {"/usr/bin/setpriv", "--reuid", user, "--clear-groups", "--regid", "nogroup"};
    command.insert(command.end(), {MEDIBRIDGECTL, "--config", hospital.config()});
    command.insert(command.end(), words.begin(), words.end());
    return std::make_unique<Child>(command, hospital.directory());
}

Typed Desk::type(std::vector<std::string> words, const std::string& user) {
    const auto child = begin(std::move(words), user);
    Typed typed;
    typed.exit = child->wait();
    typed.out = child->out();
    typed.err = child->err();
    return typed;
}

Desk::Json Desk::ask(std::vector<std::string> words, int exit) {
    const auto command = words.empty() ? "" : words.front();
    words.insert(words.end(), {"--output", "json", "--yes"});
    const auto typed = type(std::move(words));
    EXPECT_EQ(typed.exit, exit) << command << '\n' << typed.out << typed.err;
    return typed.json();
}

Desk::Json Desk::sync(bool full) {
    std::vector<std::string> words{"sync"};
    if (full) words.emplace_back("--full");
    auto answer = ask(std::move(words));
    EXPECT_EQ(answer["outcome"], "complete") << answer;
    return answer;
}

Desk::Json Desk::held(const std::string& id) {
    const auto list = ask({"held", "list"});
    for (const auto& one : list["held"])
        if (one["id"] == id) return one;
    return nullptr;
}

Desk::Json Desk::held_for(const std::string& id, const std::string& reason) {
    constexpr int most_cycles = 5;
    Json found;
    for (int i = 0; i < most_cycles && (found.is_null() || found["reason"] != reason); ++i) {
        // Who is at fault is not known yet: such a cycle is not complete.
        type(i == 0 ? std::vector<std::string>{"sync", "--full"}
                    : std::vector<std::string>{"sync"});
        found = held(id);
    }
    EXPECT_EQ(found.is_null() ? "nothing" : found["reason"], reason) << found;
    return found;
}

std::vector<std::string> Desk::audited(const std::string& id) {
    std::vector<std::string> lines;
    const auto typed = type({"audit", "--patient", id, "--output", "json"});
    EXPECT_EQ(typed.exit, 0) << typed.err;
    std::istringstream text(typed.out);
    for (std::string line; std::getline(text, line);) {
        const auto entry = Json::parse(line);
        const auto actor = entry["actor"].is_string() ? entry["actor"].get<std::string>() : "";
        lines.push_back(actor + ":" + entry["action"].get<std::string>());
    }
    return lines;
}

std::vector<std::string> Desk::ids() {
    std::vector<std::string> all;
    for (const auto& patient : hospital.his_patients())
        all.push_back(patient["ipp"].get<std::string>());
    return all;
}

void Desk::in_his(const Json& patient) {
    hospital.control(Method::post, "/his/patients", patient);
}

void Desk::change_in_his(std::size_t patients) {
    static int times = 0;
    const auto number = std::to_string(++times);
    const auto all = ids();
    for (std::size_t i = 0; i < patients; ++i)
        in_his({{"ipp", all[i]},
                {"contact", {{"mail", "n" + number + "." + all[i] + "@example.org"}}}});
}

void Desk::in_medicapp(const Json& patient) {
    hospital.control(Method::post, "/medicapp/patients", patient);
}

Desk::Json Desk::medicapp(const std::string& key) {
    const auto all = hospital.control(Method::get, "/medicapp/patients");
    for (const auto& patient : all["patients"])
        if (patient["externalId"] == key || patient["id"] == key) return patient;
    return nullptr;
}

bool Desk::is_root() const {
    return ::geteuid() == 0;
}

nlohmann::json his_person(const std::string& id, const std::string& last_name) {
    return {{"ipp", id},
            {"etatCivil",
             {{"nomNaissance", last_name},
              {"prenoms", {"Louise"}},
              {"dateNaissance", "03/02/1957"},
              {"sexe", "2"}}}};
}

nlohmann::json medicapp_person(const std::string& last_name) {
    return {{"lastName", last_name},
            {"firstName", "Louise"},
            {"birthDate", "1957-02-03"},
            {"gender", "F"}};
}

} // namespace medibridge::tests
