#include "peers/tell.hpp"

#include "base/bytes/descriptor.hpp"
#include "peers/question.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <sys/socket.h>
#include <sys/time.h>

namespace medibridge::peers {

namespace {

/// Whoever asks has sent it with the connection; others of its user wait behind it.
constexpr timeval patience{.tv_sec = 1, .tv_usec = 0};

/// The socket that the question is about; not open: there was no question.
base::Descriptor read_question(int caller) {
    std::uint8_t question = 0;
    iovec text{&question, sizeof question};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    message.msg_control = room.data();
    message.msg_controllen = CMSG_LEN(sizeof(int)); // CMSG_SPACE would let a second one in
    const auto size = ::recvmsg(caller, &message, MSG_CMSG_CLOEXEC);
    const cmsghdr* const part = size < 0 ? nullptr : CMSG_FIRSTHDR(&message);
    base::Descriptor about;
    if (part != nullptr && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS &&
        part->cmsg_len == CMSG_LEN(sizeof(int))) {
        int number = -1;
        std::memcpy(&number, CMSG_DATA(part), sizeof number);
        about = base::Descriptor(number);
    }
    if (size != sizeof question || question != who_is_there ||
        (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
        return {};
    return about;
}

std::optional<Answer> peer_of(const base::Descriptor& about) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (!about.is_open() ||
        ::getsockopt(about.number(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return std::nullopt;
    if (peer.uid == static_cast<uid_t>(-1)) return std::nullopt; // nobody ever was
    return Answer{peer.uid, peer.gid, peer.pid};
}

} // namespace

int tell_whoever_asks(int listener) {
    for (;;) {
        const base::Descriptor caller(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
        if (!caller.is_open()) {
            if (errno == EINTR || errno == ECONNABORTED) continue;
            return errno;
        }
        ::setsockopt(caller.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        const auto answer = peer_of(read_question(caller.number()));
        // Who has gone meanwhile needs none.
        if (answer) ::send(caller.number(), &*answer, sizeof *answer, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

} // namespace medibridge::peers
