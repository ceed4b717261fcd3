#pragma once

#include "hospital.hpp"
#include "unix_client.hpp"

#include <csignal>
#include <gtest/gtest.h>

namespace medibridge::tests {

/// A service with its hospital, and what it answers.
class ControlledService {
  public:
    explicit ControlledService(std::vector<std::string> sandbox, const std::string& interval = "1h")
        : hospital(std::move(sandbox)) {
        hospital.configure("sync: {interval: " + interval + "}");
        start();
    }

    void start() {
        service = hospital.start({});
        wait_until(*service, [&] { return said(*service, "control.listening"); });
    }
    int end() {
        service->signal(SIGTERM);
        return service->wait();
    }
    std::filesystem::path socket() const { return hospital.directory() / "control.sock"; }

    /// The body of the answer, whatever its status.
    nlohmann::json get(const std::string& target) {
        http::test::UnixClient client(socket());
        client.say(http::test::get_request("/v1" + target, "Connection: close\r\n"));
        return body_of(client.read_all());
    }
    nlohmann::json post(const std::string& target,
                        const nlohmann::json& body = nlohmann::json::object()) {
        http::test::UnixClient client(socket());
        client.say(http::test::post_request("/v1" + target, body.dump()));
        return body_of(client.read_answer());
    }
    /// The lines of an answer of lines.
    std::vector<nlohmann::json> lines(const std::string& target, const nlohmann::json& body) {
        return lines_of(http::test::post_request("/v1" + target, body.dump()));
    }
    std::vector<nlohmann::json> lines(const std::string& target) {
        return lines_of(http::test::get_request("/v1" + target));
    }
    nlohmann::json run(const nlohmann::json& body) {
        const auto all = lines("/cycles", body);
        return all.empty() ? nlohmann::json() : all.back();
    }
    void wait_for_first_cycle() {
        wait_until(*service, [&] {
            const auto status = get("/status");
            return status["cycles"] > 0 && status["last_complete"].is_string();
        });
    }

    Hospital hospital;
    std::unique_ptr<Child> service;

  private:
    std::vector<nlohmann::json> lines_of(const std::string& request) {
        http::test::UnixClient client(socket());
        client.say(request);
        std::vector<nlohmann::json> all;
        const auto text = client.read_until("\r\n0\r\n\r\n");
        for (auto at = text.find("\r\n{"); at != std::string::npos; at = text.find("\r\n{", at + 1))
            all.push_back(
                nlohmann::json::parse(text.substr(at + 2, text.find('\n', at + 2) - at - 2)));
        return all;
    }
    static nlohmann::json body_of(const std::string& answer) {
        const auto at = answer.find("\r\n\r\n");
        return nlohmann::json::parse(at == std::string::npos ? "" : answer.substr(at + 4), nullptr,
                                     false);
    }
};

} // namespace medibridge::tests
