#include "peers/ask.hpp"

#include "base/bytes/descriptor.hpp"
#include "peers/question.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <utility>

namespace medibridge::peers {

namespace asio = boost::asio;
using runtime::Task;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

[[noreturn]] void fail(const std::filesystem::path& where, const std::string& why) {
    throw std::runtime_error("medibridge-peers cannot be asked at " + where.string() + ": " + why);
}

std::string words_of_error() {
    return std::generic_category().message(errno);
}

base::Descriptor connected(const std::filesystem::path& where) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto text = where.string();
    if (text.size() >= sizeof address.sun_path) fail(where, "the path is too long for a socket");
    text.copy(address.sun_path, text.size());
    base::Descriptor it(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!it.is_open() ||
        ::connect(it.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail(where, words_of_error());
    return it;
}

/// A new connection takes it at once, or is broken.
void send_question(const base::Descriptor& connection, int socket,
                   const std::filesystem::path& where) {
    std::uint8_t question = who_is_there;
    iovec text{&question, sizeof question};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof socket)> room{};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    cmsghdr* const part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof socket);
    std::memcpy(CMSG_DATA(part), &socket, sizeof socket);
    if (::sendmsg(connection.number(), &message, MSG_NOSIGNAL) != sizeof question)
        fail(where, words_of_error());
}

} // namespace

Task<http::PeerCredentials> ask(std::filesystem::path where, int socket,
                                runtime::Duration patience) {
    const auto executor = co_await asio::this_coro::executor;
    auto connection = connected(where);
    send_question(connection, socket, where);
    // Shared: the timer's handler may run after this has ended.
    const auto answering =
        std::make_shared<asio::posix::stream_descriptor>(executor, connection.number());
    connection.release();
    asio::steady_timer limit(executor, patience);
    limit.async_wait([answering](const boost::system::error_code& failure) {
        boost::system::error_code ignored; // nothing waits there any more
        if (!failure) answering->cancel(ignored);
    });
    const auto [failure] =
        co_await answering->async_wait(asio::posix::stream_descriptor::wait_read, as_result);
    if (failure) fail(where, "it does not answer in time");
    Answer answer;
    if (::recv(answering->native_handle(), &answer, sizeof answer, 0) != sizeof answer)
        fail(where, "it gives no answer");
    co_return http::PeerCredentials{answer.uid, answer.gid, answer.pid};
}

} // namespace medibridge::peers
