#pragma once

#include "tests/daemon/hospital.hpp"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace medibridge::tests {

/// What a run of medibridgectl ended with.
struct Typed {
    int exit = -1;
    std::string out;
    std::string err;

    /// The one object on stdout; discarded where there is none.
    nlohmann::json json() const { return nlohmann::json::parse(out, nullptr, false); }
};

/// A hospital, the running service, and operators who type commands: the real programs, a real
/// socket, a real state.
class Desk {
  public:
    using Json = nlohmann::json;

    /// The service begins no cycle by itself but the first, which has ended when this returns.
    /// `yaml` is added to the configuration.
    explicit Desk(std::vector<std::string> sandbox = {"--patients", "6", "--invalid-share", "0"},
                  const std::string& yaml = "", bool starts = true);

    void start();
    void wait_for_first_cycle();
    /// SIGTERM; the exit code.
    int end();
    void kill();

    /// `medibridgectl --config … WORDS`, as `user` if that is given.
    Typed type(std::vector<std::string> words, const std::string& user = "");
    /// The same, which may still be running.
    std::unique_ptr<Child> begin(std::vector<std::string> words, const std::string& user = "");
    /// type() with `--output json --yes`: the answer. Fails the test unless it exits with `exit`.
    Json ask(std::vector<std::string> words, int exit = 0);
    /// A new e-mail address for so many patients of the HIS.
    void change_in_his(std::size_t patients);
    /// One cycle, which must be complete.
    Json sync(bool full = false);

    /// The entry of `held list`; null: not held.
    Json held(const std::string& id);
    /// Runs cycles until the patient is held for that reason, at most five.
    Json held_for(const std::string& id, const std::string& reason);
    /// The actions of the audit about a patient, by an operator or medibridge itself, as
    /// `ACTOR:ACTION`, newest first.
    std::vector<std::string> audited(const std::string& id);

    /// The externalIds that the HIS has, in its order.
    std::vector<std::string> ids();
    /// Adds or changes a patient of the HIS.
    void in_his(const Json& patient);
    void in_medicapp(const Json& patient);
    /// The patient with that externalId or id; null: Medicapp has none.
    Json medicapp(const std::string& key);

    std::filesystem::path socket() const { return hospital.directory() / "control.sock"; }
    bool is_root() const;

    Hospital hospital;
    std::unique_ptr<Child> service;
};

/// An identifier that no invented patient has.
inline constexpr const char* newcomer = "8800000001";

/// A person whom the HIS may send, under that identifier.
nlohmann::json his_person(const std::string& id, const std::string& last_name = "Marchand");
/// The same person as Medicapp may have them, without an externalId.
nlohmann::json medicapp_person(const std::string& last_name = "Marchand");

} // namespace medibridge::tests
