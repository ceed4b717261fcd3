#include "base/log/journal.hpp"

#include "base/bytes/ascii.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace medibridge::log {

namespace {

/// syslog(3)'s numbers.
constexpr std::string_view priority(Level level) {
    switch (level) {
    case Level::debug:
        return "7";
    case Level::info:
        return "6";
    case Level::warn:
        return "4";
    case Level::error:
        return "3";
    }
    return "3";
}

/// A value with a line end is sent with its length, as 64 bits from the lowest byte on.
void append_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    if (value.find('\n') == std::string_view::npos) {
        out += '=';
    } else {
        out += '\n';
        for (unsigned shift = 0; shift < 64; shift += 8)
            out += static_cast<char>((std::uint64_t{value.size()} >> shift) & 0xFFU);
    }
    out += value;
    out += '\n';
}

std::string field_name(Key key) {
    std::string text = "MEDIBRIDGE_";
    for (const char c : name(key))
        text += base::ascii_upper(c);
    return text;
}

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

/// Of what does not fit into a datagram journald takes a sealed file.
bool send_as_file(int socket, const sockaddr_un& to, std::string_view bytes) {
    const base::Descriptor file(::memfd_create("medibridge-log", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (file.number() < 0) return false;
    if (::write(file.number(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
        return false;
    constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    if (::fcntl(file.number(), F_ADD_SEALS, seals) != 0) return false;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
    msghdr message{};
    message.msg_name = const_cast<sockaddr_un*>(&to);
    message.msg_namelen = sizeof to;
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    cmsghdr* const part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    const int number = file.number();
    std::memcpy(CMSG_DATA(part), &number, sizeof number);
    return ::sendmsg(socket, &message, MSG_NOSIGNAL) >= 0;
}

} // namespace

bool is_journal(int descriptor, std::string_view journal_stream) {
    struct stat info{};
    if (::fstat(descriptor, &info) != 0) return false;
    return journal_stream == std::to_string(info.st_dev) + ':' + std::to_string(info.st_ino);
}

Journal::Journal(const std::string& socket)
    : path_(socket),
      socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

bool Journal::send(const Event& event, std::string_view message, const Pseudonym& pseudonym) {
    bytes_.clear();
    append_field(bytes_, "MESSAGE", message);
    append_field(bytes_, "PRIORITY", priority(event.level()));
    append_field(bytes_, "SYSLOG_IDENTIFIER", "medibridged");
    append_field(bytes_, "MEDIBRIDGE_EVENT", event.type().name);
    for_each_field(event, pseudonym, [&](Key key, std::string_view value) {
        append_field(bytes_, field_name(key), value);
    });
    return send_bytes();
}

bool Journal::send_bytes() const {
    const auto to = address_of(path_);
    for (;;) {
        const auto* const address = reinterpret_cast<const sockaddr*>(&to);
        if (::sendto(socket_.number(), bytes_.data(), bytes_.size(), MSG_NOSIGNAL, address,
                     sizeof to) >= 0)
            return true;
        if (errno == EMSGSIZE || errno == ENOBUFS)
            return send_as_file(socket_.number(), to, bytes_);
        if (errno != EINTR) return false;
    }
}

} // namespace medibridge::log
