#pragma once

#include "child.hpp"

#include "base/http/message.hpp"

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::tests {

/// What a run of medibridged ended with.
struct Ended {
    int exit = -1;
    std::string out;
    std::string err;

    nlohmann::json json() const { return nlohmann::json::parse(out); }
    /// The log lines with that event.
    std::vector<nlohmann::json> events(const std::string& name) const;
};

/// The real sandbox and the real medibridged, each a process of its own, and a configuration.
class Hospital {
  public:
    /// `sandbox` are its arguments besides the configuration.
    explicit Hospital(std::vector<std::string> sandbox = {"--patients", "200"});

    /// Adds lines to the configuration; `sync: {…}` and the like, unless the file has that key.
    void configure(const std::string& yaml);
    /// What medibridged is started by from now on, such as setpriv.
    void start_by(std::vector<std::string> command) { start_by_ = std::move(command); }
    /// `medibridged --config … --once ARGUMENTS`.
    Ended once(std::vector<std::string> arguments = {"--output", "json"});
    std::unique_ptr<Child> start(std::vector<std::string> arguments,
                                 const std::map<std::string, std::string>& environment = {});
    /// `medibridged --once ARGUMENTS`, killed as soon as the first of the faults has struck; false
    /// if the run ended before. Takes the faults away again.
    bool kill_at(const std::vector<std::string>& faults, std::vector<std::string> arguments = {});

    /// The control API: the answer's JSON; fails the test for an answer other than 2xx.
    nlohmann::json control(http::Method method, const std::string& path,
                           const nlohmann::json& body = nullptr);
    nlohmann::json stats();
    void reset_stats();
    /// All patients that Medicapp has, by externalId.
    std::map<std::string, nlohmann::json> medicapp_patients();
    std::vector<nlohmann::json> his_patients();
    void set(const std::string& name, const nlohmann::json& value);
    void set_faults(const std::vector<std::string>& faults);

    void stop_sandbox();
    const std::filesystem::path& directory() const { return directory_.path(); }
    std::filesystem::path config() const { return directory() / "medibridge.yaml"; }
    std::filesystem::path state() const { return directory() / "state.db"; }
    const nlohmann::json& addresses() const { return addresses_; }

  private:
    TemporaryDirectory directory_;
    std::unique_ptr<Child> sandbox_;
    nlohmann::json addresses_;
    std::vector<std::string> start_by_;
};

/// HIS patients that Medicapp does not have, or not with the newest of what an edit changes: what
/// both sides say of each. Empty if there are none.
std::string differences_between_sides(Hospital& hospital);

/// One request to a server on this machine.
http::Response fetch(const std::string& url, http::Method method, const std::string& body = {});

} // namespace medibridge::tests
