#pragma once

#include "connectors/hl7v2/mllp_frame.hpp"
#include "connectors/hl7v2/mllp_listener.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

/// What benchmarks of the HL7 listener share: a message, a listener, and a sender's end.
namespace medibridge::connectors {

inline std::string message(int number) {
    const auto text = std::to_string(number);
    return "MSH|^~\\&|DPI|CH|SYNC|BRIDGE|20240601080000||ADT^A31^ADT_A05|M" + text +
           "|P|2.5^FRA^2.11|||||FRA|UNICODE UTF-8\rEVN||20240601080000\r"
           "PID|||" +
           text +
           "^^^CHT&1.2.250.1.999.1&ISO^PI~285629999101109^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10"
           "&ISO^INS^^20240101||GARNIER^Noémie^Noémie "
           "Élise^^^^L~LEFÈVRE^Noémie^^^^^D||19850314|F|||"
           "12 rue de l'Église^^Besançon^^25000^FRA^H~^^^^^^BDL^^25056||0381000011^PRN^PH~^NET^"
           "Internet^noemie.lefevre@example.org|||||||||||||||||||VALI\rPV1||N\r";
}

inline Hl7Settings settings() {
    Hl7Settings settings;
    settings.listen = {"127.0.0.1", 0};
    settings.assigning_authority = "1.2.250.1.999.1";
    return settings;
}

class NoLog final : public log::EventLog {
  public:
    void write(const log::Event&) override {}
};

inline reconcile::Instant machine_time() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

using MakeInbox = std::function<std::unique_ptr<Inbox>(boost::asio::any_io_executor)>;

/// A listener on a thread of its own.
class Running {
  public:
    explicit Running(const MakeInbox& make_inbox)
        : work_(io_.get_executor()),
          clock_(io_.get_executor()),
          inbox_(make_inbox(io_.get_executor())),
          listener_({.name = "adt",
                     .executor = io_.get_executor(),
                     .clock = clock_,
                     .log = log_,
                     .wall_clock = machine_time},
                    settings(), *inbox_) {
        listener_.start();
        thread_ = std::thread([this] { io_.run(); });
    }
    ~Running() {
        std::promise<void> done;
        boost::asio::post(io_, [&] {
            boost::asio::co_spawn(io_, listener_.stop(),
                                  [&done](std::exception_ptr) { done.set_value(); });
        });
        done.get_future().get();
        work_.reset();
        thread_.join();
    }
    std::uint16_t port() const { return listener_.port(); }

  private:
    NoLog log_;
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    runtime::SteadyClock clock_;
    std::unique_ptr<Inbox> inbox_;
    MllpListener listener_;
    std::thread thread_;
};

inline int connect_to(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
    return socket;
}

/// Reads until so many answers came.
inline void await_answers(int socket, int count) {
    std::array<char, 65536> buffer{};
    while (count > 0) {
        const auto size = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (size <= 0) return;
        count -= static_cast<int>(std::count(buffer.data(), buffer.data() + size, hl7::end_block));
    }
}

} // namespace medibridge::connectors
