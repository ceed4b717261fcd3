#include "http_peer.hpp"

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

namespace medibridge::tests {

bool HostileLine::hear() const {
    std::string heard;
    std::array<char, 4096> block;
    while (!heard.contains("\r\n\r\n")) {
        const auto size = ::recv(socket_, block.data(), block.size(), 0);
        if (size <= 0) return false;
        heard.append(block.data(), static_cast<std::size_t>(size));
    }
    return true;
}

bool HostileLine::say(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

bool HostileLine::say_again(std::string_view bytes, std::size_t times) const {
    for (; times > 0; --times)
        if (!say(bytes)) return false;
    return true;
}

bool HostileLine::drip(std::string_view bytes) const {
    for (const char byte : bytes) {
        if (!say({&byte, 1})) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

void HostileLine::wait() const {
    std::array<char, 4096> block;
    while (::recv(socket_, block.data(), block.size(), 0) > 0) {
    }
}

void HostileLine::reset() const {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

HostilePeer::HostilePeer(Deed deed)
    : deed_(std::move(deed)),
      listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listening_, any, size) != 0 || ::listen(listening_, SOMAXCONN) != 0 ||
        ::getsockname(listening_, any, &size) != 0)
        throw std::runtime_error("cannot listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { listen(); });
}

HostilePeer::~HostilePeer() {
    ended_ = true;
    ::shutdown(listening_, SHUT_RDWR);
    thread_.join();
    for (auto& line : lines_)
        line.join();
    ::close(listening_);
}

void HostilePeer::listen() {
    while (!ended_) {
        const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        ++accepted_;
        lines_.emplace_back([this, socket] {
            deed_(HostileLine(socket));
            ::close(socket);
        });
    }
}

std::string gzip_bomb(std::size_t zeros, int times) {
    constexpr int gzip_form = 15 + 16;
    const std::string block(1u << 20, '\0');
    std::string made;
    const auto pack = [&](std::string_view text, std::size_t repeated) {
        z_stream stream{};
        if (deflateInit2(&stream, 9, Z_DEFLATED, gzip_form, 8, Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
        std::array<char, 65536> out;
        std::string packed;
        for (std::size_t i = 0; i < repeated; ++i) {
            stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
            stream.avail_in = static_cast<uInt>(text.size());
            do {
                stream.next_out = reinterpret_cast<Bytef*>(out.data());
                stream.avail_out = out.size();
                deflate(&stream, i + 1 == repeated ? Z_FINISH : Z_NO_FLUSH);
                packed.append(out.data(), out.size() - stream.avail_out);
            } while (stream.avail_out == 0);
        }
        deflateEnd(&stream);
        return packed;
    };
    made = pack(block, zeros >> 20);
    for (int i = 1; i < times; ++i)
        made = pack(made, 1);
    return made;
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace medibridge::tests
