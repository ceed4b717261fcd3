#include "base/log/journal.hpp"

#include "base/log/catalogue.hpp"
#include "base/log/json_log.hpp"

#include <array>
#include <cstring>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace medibridge::log {
namespace {

using testing::Contains;
using testing::Pair;

/// journald's end of its protocol.
class FakeJournald {
  public:
    FakeJournald() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        std::string pattern = (std::filesystem::temp_directory_path() / "journal-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder");
        folder_ = pattern;
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof address.sun_path - 1);
        if (bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot bind " + path());
    }
    ~FakeJournald() {
        close(socket_);
        std::filesystem::remove_all(folder_);
    }
    FakeJournald(const FakeJournald&) = delete;
    FakeJournald& operator=(const FakeJournald&) = delete;

    std::string path() const { return (folder_ / "socket").string(); }

    /// The fields of what is there; none if nothing is.
    std::map<std::string, std::string> take() {
        std::string bytes(1u << 20, '\0');
        iovec part{bytes.data(), bytes.size()};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = room.data();
        message.msg_controllen = room.size();
        const auto count = recvmsg(socket_, &message, MSG_DONTWAIT);
        if (count < 0) return {};
        bytes.resize(static_cast<std::size_t>(count));
        if (const auto* rights = CMSG_FIRSTHDR(&message)) {
            int file = -1;
            std::memcpy(&file, CMSG_DATA(rights), sizeof file);
            struct stat info{};
            fstat(file, &info);
            bytes.resize(static_cast<std::size_t>(info.st_size));
            if (pread(file, bytes.data(), bytes.size(), 0) < 0) bytes.clear();
            close(file);
        }
        return fields_of(bytes);
    }

  private:
    static std::map<std::string, std::string> fields_of(std::string_view bytes) {
        std::map<std::string, std::string> fields;
        while (!bytes.empty()) {
            const auto end = bytes.find_first_of("=\n");
            const std::string name(bytes.substr(0, end));
            const bool has_length = bytes[end] == '\n';
            bytes.remove_prefix(end + 1);
            std::size_t size = bytes.find('\n');
            if (has_length) {
                std::memcpy(&size, bytes.data(), sizeof size);
                bytes.remove_prefix(sizeof size);
            }
            fields[name] = bytes.substr(0, size);
            bytes.remove_prefix(size + 1);
        }
        return fields;
    }

    std::filesystem::path folder_;
    int socket_;
};

TEST(Journal, HasThePriorityOfEachLevel) {
    FakeJournald journald;
    Journal journal(journald.path());
    const std::array<std::pair<const EventType*, const char*>, 4> cases{{
        {&events::cycle_started, "7"},
        {&events::cycle_finished, "6"},
        {&events::cycle_incomplete, "4"},
        {&events::cycle_guarded, "3"},
    }};
    for (const auto& [type, priority] : cases) {
        ASSERT_TRUE(journal.send(Event(*type), "a line", {}));
        const auto fields = journald.take();
        EXPECT_THAT(fields, Contains(Pair("PRIORITY", priority))) << type->name;
        EXPECT_THAT(fields, Contains(Pair("MEDIBRIDGE_EVENT", std::string(type->name))));
        EXPECT_THAT(fields, Contains(Pair("MESSAGE", "a line")));
        EXPECT_THAT(fields, Contains(Pair("SYSLOG_IDENTIFIER", "medibridged")));
    }
}

TEST(Journal, HasEachFieldAsItStandsInALineButUnquoted) {
    FakeJournald journald;
    Journal journal(journald.path());
    const auto event = Event(events::patient_held)
                           .with(Key::cycle, "17")
                           .with(Key::patient, "8001234")
                           .with(Key::medicapp_id, "pat_1")
                           .with(Key::status, 422)
                           .with(Key::reason, R"(it says "no": C:\temp)")
                           .with(Key::detail, "two\nlines and \x1b[31m red");
    ASSERT_TRUE(journal.send(event, "one\ntwo", [](const std::string&) { return "0a1b"; }));
    const std::map<std::string, std::string> expected{
        {"MESSAGE", "one\ntwo"},
        {"PRIORITY", "4"},
        {"SYSLOG_IDENTIFIER", "medibridged"},
        {"MEDIBRIDGE_EVENT", "patient.held"},
        {"MEDIBRIDGE_CYCLE", "17"},
        {"MEDIBRIDGE_PATIENT", "0a1b"},
        {"MEDIBRIDGE_MEDICAPP_ID", "pat_1"},
        {"MEDIBRIDGE_STATUS", "422"},
        {"MEDIBRIDGE_REASON", R"(it says "no": C:\temp)"},
        {"MEDIBRIDGE_DETAIL", R"(two\nlines and \u001b[31m red)"}};
    EXPECT_EQ(journald.take(), expected);
}

TEST(Journal, TakesALineThatFitsInNoDatagram) {
    FakeJournald journald;
    Journal journal(journald.path());
    const std::string line(900'000, 'x');
    ASSERT_TRUE(journal.send(Event(events::cycle_finished), line, {}));
    EXPECT_EQ(journald.take()["MESSAGE"], line);
}

TEST(Journal, IsTheDescriptorThatSystemdNames) {
    struct stat info{};
    ASSERT_EQ(fstat(2, &info), 0);
    const auto device = std::to_string(info.st_dev) + ':';
    EXPECT_TRUE(is_journal(2, device + std::to_string(info.st_ino)));
    for (const auto& other : {device + std::to_string(info.st_ino + 1), device, std::string()})
        EXPECT_FALSE(is_journal(2, other)) << other;
}

TEST(Journal, ThatIsGoneLeavesTheLineWhereOthersGo) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    JsonLogSettings settings;
    settings.descriptor = ends[1];
    settings.format = Format::text;
    auto journald = std::make_unique<FakeJournald>();
    settings.journal = journald->path();
    JsonLog log(std::move(settings));
    log.write(Event(events::service_started));
    EXPECT_THAT(journald->take()["MESSAGE"], testing::EndsWith("service.started: service started"));
    journald.reset();
    log.write(Event(events::service_stopped));
    close(ends[1]);
    std::string written(4096, '\0');
    written.resize(static_cast<std::size_t>(read(ends[0], written.data(), written.size())));
    close(ends[0]);
    EXPECT_THAT(written, testing::EndsWith("service.stopped: service stopped\n"));
    EXPECT_EQ(log.lost(), 0u);
}

} // namespace
} // namespace medibridge::log
