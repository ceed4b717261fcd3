#include "unix_client.hpp"

#include <array>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace medibridge::http::test {

UnixClient::UnixClient(const std::filesystem::path& path)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return;
    close();
    throw std::runtime_error("nobody answers at " + path.string());
}

UnixClient::~UnixClient() {
    close();
}

void UnixClient::close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

bool UnixClient::say(const std::string& bytes) {
    for (std::size_t said = 0; said < bytes.size();) {
        const auto size = ::send(socket_, bytes.data() + said, bytes.size() - said, MSG_NOSIGNAL);
        if (size <= 0) return false;
        said += static_cast<std::size_t>(size);
    }
    return true;
}

void UnixClient::end() {
    ::shutdown(socket_, SHUT_WR);
}

bool UnixClient::read_more() {
    std::array<char, 4096> bytes{};
    const auto size = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (size <= 0) return false;
    buffer_.append(bytes.data(), static_cast<std::size_t>(size));
    return true;
}

std::string UnixClient::read_until(const std::string& text) {
    auto at = buffer_.find(text);
    while (at == std::string::npos && read_more())
        at = buffer_.find(text);
    if (at == std::string::npos) return std::exchange(buffer_, {});
    auto result = buffer_.substr(0, at + text.size());
    buffer_.erase(0, result.size());
    return result;
}

std::string UnixClient::read_answer() {
    auto answer = read_until("\r\n\r\n");
    const std::string name = "Content-Length: ";
    const auto at = answer.find(name);
    const auto size = at == std::string::npos ? 0 : std::stoul(answer.substr(at + name.size()));
    while (buffer_.size() < size && read_more()) {
    }
    answer += buffer_.substr(0, size);
    buffer_.erase(0, size);
    return answer;
}

std::string UnixClient::read_all() {
    while (read_more()) {
    }
    return std::exchange(buffer_, {});
}

std::string get_request(const std::string& target, const std::string& more_headers) {
    return "GET " + target + " HTTP/1.1\r\nHost: medibridge\r\n" + more_headers + "\r\n";
}

std::string post_request(const std::string& target, const std::string& body) {
    return "POST " + target +
           " HTTP/1.1\r\nHost: medibridge\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

} // namespace medibridge::http::test
