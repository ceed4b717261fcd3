#include "hospital.hpp"

#include "base/bytes/descriptor.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace medibridge::tests {
namespace {

/// systemd's end of sd_notify.
class NotifySocket {
  public:
    explicit NotifySocket(std::filesystem::path path)
        : path_(std::move(path)),
          socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.string().copy(address.sun_path, sizeof address.sun_path - 1);
        timeval limit{30, 0};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("cannot bind " + path_.string());
        }
    }
    ~NotifySocket() { close(socket_); }
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    /// The next message that has the text in it; others are passed over.
    std::string wait_for(const std::string& text) {
        std::array<char, 4096> buffer{};
        for (;;) {
            const auto size = recv(socket_, buffer.data(), buffer.size(), 0);
            if (size < 0) return {};
            std::string message(buffer.data(), static_cast<std::size_t>(size));
            if (message.find(text) != std::string::npos) return message;
        }
    }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
    int socket_;
};

TEST(Service, TellsSystemdAndEndsWithinItsDrainOnSigterm) {
    Hospital hospital({"--patients", "50"});
    hospital.configure("sync: {interval: 1s}");
    NotifySocket systemd(hospital.directory() / "notify");
    const auto service =
        hospital.start({}, {{"NOTIFY_SOCKET", systemd.path()}, {"WATCHDOG_USEC", "200000"}});
    EXPECT_NE(systemd.wait_for("READY=1"), "");
    EXPECT_NE(systemd.wait_for("WATCHDOG=1"), "");
    EXPECT_NE(systemd.wait_for("STATUS=last cycle: complete"), "");
    service->signal(SIGTERM);
    EXPECT_NE(systemd.wait_for("STOPPING=1"), "");
    EXPECT_EQ(service->wait(), 0) << service->err();
    EXPECT_TRUE(said(*service, "service.stopped"));
}

/// As `medibridgectl status` has it while the service is stopped.
TEST(Service, WaitsAMomentForWhoeverLooksAtTheState) {
    Hospital hospital({"--patients", "5"});
    hospital.configure("sync: {interval: 1s}");
    ASSERT_EQ(hospital.once().exit, 0);
    const auto lock = hospital.state().string() + ".lock";
    const base::Descriptor looking(open(lock.c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(flock(looking.number(), LOCK_EX | LOCK_NB), 0);
    NotifySocket systemd(hospital.directory() / "notify");
    const auto service = hospital.start({}, {{"NOTIFY_SOCKET", systemd.path()}});
    // Longer than the service takes to ask for it; where it takes longer, this shows nothing.
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    ASSERT_EQ(flock(looking.number(), LOCK_UN), 0);
    EXPECT_NE(systemd.wait_for("READY=1"), "");
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0) << service->err();
}

TEST(Service, TellsSystemdHowFarAFirstLoadIsAndWhyACycleIsNotComplete) {
    Hospital hospital({"--patients", "1000", "--fault", "POST:1+:slow=20"});
    hospital.configure("sync: {interval: 1s}");
    NotifySocket systemd(hospital.directory() / "notify");
    const auto service = hospital.start({}, {{"NOTIFY_SOCKET", systemd.path()}});
    EXPECT_NE(systemd.wait_for("STATUS=first cycle: reading"), "");
    EXPECT_NE(systemd.wait_for(" created"), "");
    const auto ended = systemd.wait_for("STATUS=last cycle: complete");
    EXPECT_THAT(ended, testing::HasSubstr(" to decide, oldest "));
    EXPECT_THAT(ended, testing::HasSubstr("last complete cycle "));
    hospital.set_faults({"GET:1+:401"});
    EXPECT_NE(systemd.wait_for("last cycle: unauthorized: Medicapp refuses the API key; "), "");
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0) << service->err();
}

TEST(Service, TakesUpChangesByItself) {
    Hospital hospital({"--patients", "50", "--invalid-share", "0"});
    hospital.configure("sync: {interval: 1s}");
    const auto service = hospital.start({});
    wait_until(*service, [&] { return hospital.medicapp_patients().size() == 50; });
    hospital.reset_stats();
    hospital.control(http::Method::post, "/his/edit?count=3");
    wait_until(*service,
               [&] { return hospital.stats()["medicapp"]["requests"]["PUT"].get<int>() == 3; });
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0);
}

TEST(Service, StoppedInTheMiddleOfAFirstLoadLosesNothing) {
    Hospital hospital({"--patients", "3000", "--invalid-share", "0", "--fault", "POST:1+:slow=20"});
    const auto service = hospital.start({});
    wait_until(*service, [&] { return hospital.stats()["medicapp"]["patients"].get<int>() > 20; });
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0) << service->err();
    const auto before = hospital.stats()["medicapp"]["patients"].get<int>();
    EXPECT_LT(before, 3000);
    hospital.set_faults({});
    const auto ended = hospital.once();
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_EQ(ended.json()["created"], 3000 - before) << "every answer was taken before the end";
    EXPECT_EQ(hospital.stats()["medicapp"]["duplicates"], 0);
}

/// Beside others on one machine: a command without its configuration is another one's.
TEST(Service, TellsSystemdWhatToTypeForItsConfiguration) {
    Hospital hospital({"--patients", "20"});
    hospital.configure("sync: {interval: 1s, max_changes: {ratio: 0.1, at_least: 2}}");
    hospital.once();
    hospital.control(http::Method::post, "/his/edit?count=9");
    NotifySocket systemd(hospital.directory() / "notify");
    const auto service = hospital.start({}, {{"NOTIFY_SOCKET", systemd.path()}});
    EXPECT_THAT(systemd.wait_for("accept-changes --expect "),
                testing::HasSubstr("medibridgectl --config " + hospital.config().string() +
                                   " accept-changes"));
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0);
}

TEST(Service, ReloadsOnSighupAndKeepsTheFormerConfigurationIfTheNewOneIsRefused) {
    Hospital hospital({"--patients", "10"});
    NotifySocket systemd(hospital.directory() / "notify");
    const auto service = hospital.start({}, {{"NOTIFY_SOCKET", systemd.path()}});
    EXPECT_NE(systemd.wait_for("STATUS=last cycle: complete"), "");
    const auto good = read_file(hospital.config());
    write_file(hospital.config(), good + "\nnonsense: 1\n");
    service->signal(SIGHUP);
    wait_until(*service, [&] { return said(*service, "config.refused"); });
    EXPECT_NE(systemd.wait_for("STATUS=the configuration was refused, the former one is used: "),
              "");

    write_file(hospital.config(), good + "\nsync: {interval: 1s}\n");
    service->signal(SIGHUP);
    EXPECT_NE(systemd.wait_for("RELOADING=1"), "");
    EXPECT_NE(systemd.wait_for("READY=1"), "");
    wait_until(*service, [&] { return times_said(*service, "cycle.finished") == 2; });
    EXPECT_TRUE(said(*service, "service.reloaded"));
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0);
    EXPECT_THAT(service->err(), testing::HasSubstr(R"("msg":"cycle complete","cycle":"2")"))
        << "cycles are counted on";
}

TEST(Service, ClosesAnOutageThatEndedWhileItDidNotRun) {
    Hospital hospital({"--patients", "30", "--invalid-share", "0"});
    hospital.configure("sync: {interval: 1s}");
    hospital.set_faults({"ANY:1+:503"});
    const auto first = hospital.start({});
    wait_until(*first, [&] { return said(*first, "medicapp.unavailable"); });
    first->signal(SIGTERM);
    EXPECT_EQ(first->wait(), 0);
    EXPECT_FALSE(said(*first, "medicapp.recovered"));
    hospital.set_faults({});
    const auto second = hospital.start({});
    wait_until(*second, [&] { return said(*second, "medicapp.recovered"); });
    second->signal(SIGTERM);
    EXPECT_EQ(second->wait(), 0);
}

TEST(Service, FirstSaysWhatItIsAndWhatTheStateKnows) {
    Hospital hospital({"--patients", "20", "--invalid-share", "0"});
    EXPECT_EQ(hospital.once().exit, 0);
    const auto service = hospital.start({});
    wait_until(*service, [&] { return said(*service, "state.opened"); });
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0);
    const auto text = service->err();
    const auto first = nlohmann::json::parse(text.substr(0, text.find('\n')));
    EXPECT_EQ(first["event"], "service.started");
    EXPECT_EQ(first["file"], hospital.config().string());
    EXPECT_NE(first["version"], "");
    EXPECT_NE(first["sources"], "");
    EXPECT_THAT(text,
                testing::HasSubstr(R"("event":"state.opened","msg":"state opened","linked":20,)"));
}

TEST(Service, GoesOnThroughAnOutage) {
    Hospital hospital({"--patients", "30", "--invalid-share", "0"});
    hospital.configure("sync: {interval: 1s}");
    hospital.set_faults({"ANY:1+:503"});
    const auto service = hospital.start({});
    wait_until(*service, [&] { return said(*service, "medicapp.unavailable"); });
    hospital.set_faults({});
    wait_until(*service, [&] { return hospital.medicapp_patients().size() == 30; });
    EXPECT_TRUE(said(*service, "medicapp.recovered"));
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0);
}

} // namespace
} // namespace medibridge::tests
