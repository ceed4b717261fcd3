#include "nginx.hpp"

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <netinet/in.h>
#include <pwd.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace medibridge::tests {

namespace {

constexpr const char* program = "/usr/sbin/nginx";
constexpr std::chrono::seconds start_limit{20};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool answers(std::uint16_t port) {
    const int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    const bool connected =
        connect(one, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(one);
    return connected;
}

std::string user() {
    const auto* entry = getpwuid(geteuid());
    return entry ? entry->pw_name : "root";
}

std::string server(std::uint16_t port, const char* upstream, const Nginx::Settings& settings) {
    const bool tls = !settings.certificate.empty();
    std::string text = "  server {\n    listen 127.0.0.1:" + std::to_string(port);
    text += tls ? " ssl;\n" : ";\n";
    if (tls) {
        text += "    ssl_certificate " + settings.certificate.string() +
                ";\n    ssl_certificate_key " + settings.key.string() + ";\n";
    }
    text += "    location / {\n      proxy_pass http://";
    text += upstream;
    text += ";\n      proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n      ";
    return text + settings.location + "\n    }\n  }\n";
}

std::string upstream(const char* name, std::uint16_t port) {
    // Without max_fails=0 a server that failed once is not asked again for ten seconds.
    return "  upstream " + std::string(name) + " { server 127.0.0.1:" + std::to_string(port) +
           " max_fails=0; keepalive 4; }\n";
}

} // namespace

std::uint16_t free_port() {
    const int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    const bool bound = bind(one, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                       getsockname(one, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    close(one);
    if (!bound) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

Nginx::Nginx(std::filesystem::path directory, Settings settings)
    : directory_(std::move(directory)),
      settings_(std::move(settings)),
      medicapp_port_(free_port()),
      his_port_(free_port()) {
    if (access(program, X_OK) != 0) {
        throw std::runtime_error("there is no " + std::string(program) +
                                 ": run scripts/setup, which installs nginx-light");
    }
    write_config();
    process_ = std::make_unique<Child>(std::vector<std::string>{program, "-p", directory_, "-c",
                                                                directory_ / "nginx.conf", "-e",
                                                                directory_ / "nginx-error.log"},
                                       directory_);
    const auto until = std::chrono::steady_clock::now() + start_limit;
    while (!answers(medicapp_port_) || !answers(his_port_)) {
        if (process_->ended() || std::chrono::steady_clock::now() > until)
            throw std::runtime_error("nginx does not run: " + process_->err() + error_log());
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

void Nginx::write_config() const {
    std::string text = "daemon off;\nworker_processes 1;\nuser " + user() + ";\npid nginx.pid;\n";
    text += "events { worker_connections 128; }\nhttp {\n  access_log off;\n";
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        text += "  " + std::string(kind) + "_temp_path nginx-" + kind + ";\n";
    text += "  " + settings_.http + "\n";
    text += upstream("medicapp", settings_.medicapp_upstream);
    text += upstream("his", settings_.his_upstream);
    text += server(medicapp_port_, "medicapp", settings_);
    text += server(his_port_, "his", settings_) + "}\n";
    write_file(directory_ / "nginx.conf", text);
}

void Nginx::reload(Settings settings) {
    settings_ = std::move(settings);
    write_config();
    process_->signal(SIGHUP);
}

std::string Nginx::origin(std::uint16_t port) const {
    return (settings_.certificate.empty() ? "http" : "https") + std::string("://127.0.0.1:") +
           std::to_string(port);
}
std::string Nginx::medicapp_url() const {
    return origin(medicapp_port_) + "/v5";
}
std::string Nginx::his_url() const {
    return origin(his_port_) + "/api/patients";
}
std::string Nginx::error_log() const {
    return read_file(directory_ / "nginx-error.log");
}

} // namespace medibridge::tests
