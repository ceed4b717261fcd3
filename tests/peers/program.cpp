#include "tests/peers/program.hpp"

#include <array>
#include <csignal>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace medibridge::tests {

PeersProgram::PeersProgram(std::filesystem::path where) : where_(std::move(where)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    where_.string().copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    constexpr int backlog = 64;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, backlog) != 0)
        throw std::runtime_error("cannot listen at " + where_.string());
    again();
}

PeersProgram::~PeersProgram() {
    kill();
    ::close(listener_);
}

void PeersProgram::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

void PeersProgram::again() {
    kill();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, listener_, STDIN_FILENO);
    std::string name = MEDIBRIDGE_PEERS;
    std::array<char*, 2> arguments{name.data(), nullptr};
    std::array<char*, 1> environment{nullptr};
    const int error =
        ::posix_spawn(&pid_, name.c_str(), &actions, nullptr, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot run " + name);
}

} // namespace medibridge::tests
