#include "base/log/descriptor.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::log {

namespace {

/// Keeps from this thread the SIGPIPE that a write may raise while it lives.
class NoBrokenPipe {
  public:
    NoBrokenPipe() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_, &former_);
    }

    ~NoBrokenPipe() {
        const timespec at_once{};
        if (raised)
            while (sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {
            }
        pthread_sigmask(SIG_SETMASK, &former_, nullptr);
    }

    NoBrokenPipe(const NoBrokenPipe&) = delete;
    NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

    bool raised = false;

  private:
    sigset_t pipe_{};
    sigset_t former_{};
};

} // namespace

Descriptor::Descriptor(int number) : number_(number), kind_(Kind::file) {
    struct stat info{};
    if (fstat(number, &info) != 0) return; // each write will say so
    if (S_ISFIFO(info.st_mode)) kind_ = Kind::pipe;
    if (S_ISSOCK(info.st_mode)) kind_ = Kind::socket;
}

std::size_t Descriptor::write_all(std::string_view bytes) const {
    bool broken = false;
    if (kind_ != Kind::pipe) return write_rest(bytes, broken);
    NoBrokenPipe guard;
    return write_rest(bytes, guard.raised);
}

std::size_t Descriptor::write_rest(std::string_view bytes, bool& broken) const {
    std::size_t written = 0;
    bool waited = false;
    while (written < bytes.size()) {
        const auto rest = bytes.substr(written);
        // The journal is a socket, so that the usual line costs this one call.
        const auto count = kind_ == Kind::socket
                               ? send(number_, rest.data(), rest.size(), MSG_NOSIGNAL)
                               : ::write(number_, rest.data(), rest.size());
        if (count > 0) {
            written += static_cast<std::size_t>(count);
            continue;
        }
        if (count < 0 && errno == EINTR) continue;
        broken = count < 0 && errno == EPIPE;
        if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK) || waited) break;
        pollfd ready{number_, POLLOUT, 0};
        waited = true;
        if (poll(&ready, 1, max_wait_ms) <= 0) break;
    }
    return written;
}

} // namespace medibridge::log
