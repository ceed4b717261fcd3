#include "base/http/server_socket.hpp"

#include "base/bytes/descriptor.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace medibridge::http {

namespace fs = std::filesystem;
using boost::asio::generic::stream_protocol;
namespace ip = boost::asio::ip;

namespace {

constexpr mode_t socket_mode = 0660;
constexpr int backlog_of_clients = 64;

[[noreturn]] void cannot_listen(const fs::path& path, const std::string& why) {
    throw std::runtime_error("cannot listen on " + path.string() + ": " + why);
}

std::string words_of(int error) {
    return std::system_category().message(error);
}

sockaddr_un address_of(const fs::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto text = path.string();
    if (text.empty() || text.size() >= sizeof address.sun_path)
        cannot_listen(path, "the path of a socket has 1 to " +
                                std::to_string(sizeof address.sun_path - 1) +
                                " bytes: set control.socket to a shorter one");
    text.copy(address.sun_path, text.size());
    return address;
}

/// What connect(2) to the path says; 0: somebody answers.
int knock(const sockaddr_un& address) {
    const base::Descriptor caller(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!caller.is_open()) return errno;
    const auto* where = reinterpret_cast<const sockaddr*>(&address);
    return ::connect(caller.number(), where, sizeof address) == 0 ? 0 : errno;
}

/// Removes what a process left that has ended without doing so.
void clear_way(const fs::path& path, const sockaddr_un& address) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return;
        cannot_listen(path, words_of(errno));
    }
    if (!S_ISSOCK(status.st_mode))
        cannot_listen(path, "there is something else than a socket: move it away");
    const int answer = knock(address);
    if (answer == 0 || answer == EAGAIN)
        cannot_listen(path, "another process answers there: stop it, or set control.socket to "
                            "another path");
    if (answer == ENOENT) return;
    if (answer != ECONNREFUSED) cannot_listen(path, words_of(answer));
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        cannot_listen(path, "the socket of a process that has ended cannot be removed: " +
                                words_of(errno));
}

} // namespace

UnixListener::UnixListener(const boost::asio::any_io_executor& executor, fs::path path)
    : Listener(executor),
      path_(std::move(path)) {
    const auto address = address_of(path_);
    clear_way(path_, address);
    acceptor().open(stream_protocol(AF_UNIX, 0));
    const auto require = [&](int result) {
        if (result != 0) cannot_listen(path_, words_of(errno));
    };
    // Nobody can connect before listen(2), whatever the umask makes of the mode.
    require(::bind(acceptor().native_handle(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof address));
    struct stat status{};
    require(::lstat(path_.c_str(), &status));
    device_ = status.st_dev;
    inode_ = status.st_ino;
    require(::chmod(path_.c_str(), socket_mode));
    require(::listen(acceptor().native_handle(), backlog_of_clients));
}

TcpListener::TcpListener(const boost::asio::any_io_executor& executor, const std::string& host,
                         std::uint16_t port)
    : Listener(executor) {
    boost::system::error_code failure;
    const auto require = [&] {
        if (failure)
            throw std::runtime_error("cannot listen on " + host + " port " + std::to_string(port) +
                                     ": " + failure.message());
    };
    const auto address = host == "localhost" ? ip::address(ip::address_v4::loopback())
                                             : ip::make_address(host, failure);
    require();
    const ip::tcp::endpoint endpoint(address, port);
    acceptor().open(endpoint.protocol(), failure);
    require();
    acceptor().set_option(ip::tcp::acceptor::reuse_address(true), failure);
    require();
    acceptor().bind(endpoint, failure);
    require();
    acceptor().listen(backlog_of_clients, failure);
    require();
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(acceptor().native_handle(), reinterpret_cast<sockaddr*>(&bound), &size);
    ip::tcp::endpoint own;
    own.resize(size);
    std::memcpy(own.data(), &bound, own.size());
    port_ = own.port();
}

UnixListener::~UnixListener() {
    struct stat status{};
    const bool ours = inode_ != 0 && ::lstat(path_.c_str(), &status) == 0 &&
                      status.st_dev == device_ && status.st_ino == inode_;
    if (ours) ::unlink(path_.c_str());
}

} // namespace medibridge::http
