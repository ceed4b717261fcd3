#include "base/bytes/descriptor.hpp"
#include "peers/ask.hpp"
#include "peers/question.hpp"
#include "run_task.hpp"
#include "tests/peers/program.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <csignal>
#include <cstring>
#include <gmock/gmock.h>
#include <iterator>
#include <stdexcept>
#include <stdlib.h> // NOLINT: mkdtemp is POSIX's
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace medibridge::peers {
namespace {

namespace fs = std::filesystem;
using base::Descriptor;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr uid_t stranger = 12345;

sockaddr_un address_of(const fs::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

Descriptor connected(const fs::path& path, int type) {
    const auto address = address_of(path);
    Descriptor it(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    if (::connect(it.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return {};
    return it;
}

/// A process of another user at the other end of a socket.
class Visitor {
  public:
    Visitor(const fs::path& path, uid_t user) {
        const auto address = address_of(path);
        const Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::bind(listener.number(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof address) != 0 ||
            ::chmod(path.c_str(), 0777) != 0 || ::listen(listener.number(), 1) != 0)
            throw std::runtime_error("cannot listen");
        pid_ = ::fork();
        if (pid_ == 0) {
            const bool is_other = user == ::geteuid() || (::setresgid(user, user, user) == 0 &&
                                                          ::setresuid(user, user, user) == 0);
            const auto end = is_other ? connected(path, SOCK_STREAM) : Descriptor();
            while (end.is_open())
                ::pause();
            ::_exit(1);
        }
        socket_ = Descriptor(::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    ~Visitor() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Visitor(const Visitor&) = delete;
    Visitor& operator=(const Visitor&) = delete;

    int socket() const { return socket_.number(); }
    pid_t pid() const { return pid_; }

  private:
    pid_t pid_ = -1;
    Descriptor socket_;
};

class Peers : public testing::Test {
  protected:
    Peers() {
        auto pattern = (fs::temp_directory_path() / "peers-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no " + pattern);
        directory_ = pattern;
        fs::permissions(directory_, fs::perms(0755));
    }
    ~Peers() override { fs::remove_all(directory_); }

    fs::path place(const char* name) const { return directory_ / name; }
    static http::PeerCredentials asked(const fs::path& where, int socket,
                                       runtime::Duration patience = seconds(20)) {
        boost::asio::io_context io;
        return tests::run_task(io, ask(where, socket, patience));
    }
    static std::string refusal(const fs::path& where, int socket,
                               runtime::Duration patience = seconds(20)) {
        try {
            asked(where, socket, patience);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return {};
    }

  private:
    fs::path directory_;
};

TEST_F(Peers, TellsWhoIsAtTheOtherEndOfAnothersSocket) {
    const tests::PeersProgram program(place("peers"));
    const uid_t user = ::geteuid() == 0 ? stranger : ::geteuid();
    const Visitor visitor(place("visited"), user);
    for (int i = 0; i < 3; ++i) {
        const auto peer = asked(program.where(), visitor.socket());
        EXPECT_EQ(peer.uid, user);
        EXPECT_EQ(peer.gid, ::geteuid() == 0 ? stranger : ::getegid());
        EXPECT_EQ(peer.pid, visitor.pid());
    }
}

TEST_F(Peers, WhoAsksNothingDoesNotKeepOthersWaiting) {
    const tests::PeersProgram program(place("peers"));
    const Visitor visitor(place("visited"), ::geteuid());
    const auto silent = connected(program.where(), SOCK_SEQPACKET);
    ASSERT_TRUE(silent.is_open());
    EXPECT_EQ(asked(program.where(), visitor.socket()).uid, ::geteuid());
    char byte = 0;
    EXPECT_EQ(::recv(silent.number(), &byte, 1, 0), 0) << "it was cut off";
}

/// Sends that byte with those descriptors; how many bytes the answer has.
ssize_t answer_to(const fs::path& where, std::uint8_t question, const std::vector<int>& about) {
    const auto connection = connected(where, SOCK_SEQPACKET);
    iovec text{&question, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(4 * sizeof(int))> room{};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    if (!about.empty()) {
        const auto size = about.size() * sizeof(int);
        message.msg_control = room.data();
        message.msg_controllen = CMSG_SPACE(size);
        cmsghdr* const part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(size);
        std::memcpy(CMSG_DATA(part), about.data(), size);
    }
    EXPECT_EQ(::sendmsg(connection.number(), &message, MSG_NOSIGNAL), 1);
    std::array<char, 64> answer{};
    return ::recv(connection.number(), answer.data(), answer.size(), 0);
}

TEST_F(Peers, WhatIsNoQuestionHasNoAnswerAndLeavesNothingOpen) {
    const tests::PeersProgram program(place("peers"));
    const Visitor visitor(place("visited"), ::geteuid());
    const auto open = [&] {
        const fs::path folder = "/proc/" + std::to_string(program.pid()) + "/fd";
        return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
    };
    EXPECT_EQ(asked(program.where(), visitor.socket()).uid, ::geteuid());
    const auto before = open();
    const int socket = visitor.socket();
    const Descriptor unconnected(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const Descriptor reading(pipe[0]);
    const Descriptor writing(pipe[1]);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(answer_to(program.where(), who_is_there + 1, {socket}), 0) << "another version's";
        EXPECT_EQ(answer_to(program.where(), who_is_there, {}), 0) << "about nothing";
        EXPECT_EQ(answer_to(program.where(), who_is_there, {socket, socket}), 0) << "about two";
        EXPECT_EQ(answer_to(program.where(), who_is_there, {unconnected.number()}), 0);
        EXPECT_EQ(answer_to(program.where(), who_is_there, {reading.number()}), 0) << "no socket";
    }
    EXPECT_EQ(answer_to(program.where(), who_is_there, {socket}),
              static_cast<ssize_t>(sizeof(Answer)));
    EXPECT_LE(open(), before + 2) << "those of the last question may not be closed yet";
}

TEST_F(Peers, ThatItCannotBeAskedIsSaid) {
    const Visitor visitor(place("visited"), ::geteuid());
    EXPECT_THAT(refusal(place("none"), visitor.socket()), HasSubstr("No such file"));
    EXPECT_THAT(refusal("/tmp/" + std::string(120, 'x'), visitor.socket()), HasSubstr("too long"));
    EXPECT_THAT(refusal(place("visited"), visitor.socket()), HasSubstr("wrong type"));
    tests::PeersProgram program(place("peers"));
    program.kill();
    EXPECT_THAT(refusal(program.where(), visitor.socket(), milliseconds(50)),
                HasSubstr("does not answer in time"));
    program.again();
    EXPECT_EQ(asked(program.where(), visitor.socket()).uid, ::geteuid());
}

} // namespace
} // namespace medibridge::peers
