#include "base/log/json_log.hpp"

#include "base/log/catalogue.hpp"

#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace medibridge::log {
namespace {

class Pipe {
  public:
    explicit Pipe(int flags = 0) {
        if (pipe2(ends_.data(), flags | O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    }
    ~Pipe() {
        close_reader();
        close_writer();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    int writer() const { return ends_[1]; }
    void close_reader() { close_end(0); }
    void close_writer() { close_end(1); }

    /// Up to `most` bytes of what is there; waits if nothing is.
    std::string take(std::size_t most) const {
        std::string text(most, '\0');
        const auto count = read(ends_[0], text.data(), most);
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }

    /// Everything that was written; closes the writer's end.
    std::vector<std::string> lines() {
        close_writer();
        std::string all;
        for (auto piece = take(4096); !piece.empty(); piece = take(4096))
            all += piece;
        std::vector<std::string> lines;
        std::istringstream stream(all);
        for (std::string line; std::getline(stream, line);)
            lines.push_back(line);
        return lines;
    }

  private:
    void close_end(std::size_t end) {
        if (ends_[end] >= 0) close(ends_[end]);
        ends_[end] = -1;
    }

    std::array<int, 2> ends_{-1, -1};
};

JsonLogSettings settings_for(const Pipe& pipe) {
    JsonLogSettings settings;
    settings.descriptor = pipe.writer();
    settings.now = [] { return WallTime(std::chrono::milliseconds(0)); };
    return settings;
}

TEST(JsonLogTest, WritesALineAnEvent) {
    Pipe pipe;
    JsonLog log(settings_for(pipe));
    log.write(Event(events::cycle_finished).with(Key::cycle, "1").with(Key::created, 2));
    log.write(Event(events::service_stopped));
    const auto lines = pipe.lines();
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0], R"({"ts":"1970-01-01T00:00:00.000Z","level":"info",)"
                        R"("event":"cycle.finished","msg":"cycle complete","cycle":"1",)"
                        R"("created":2})");
    EXPECT_EQ(nlohmann::json::parse(lines[1]).at("event"), "service.stopped");
    EXPECT_EQ(log.lost(), 0u);
}

TEST(JsonLogTest, AnEventOfEachLevelIsALineOfJson) {
    const std::vector<const EventType*> types = {&events::cycle_started, &events::cycle_finished,
                                                 &events::patient_held, &events::state_failed};
    Pipe pipe;
    auto settings = settings_for(pipe);
    settings.threshold = Level::debug;
    JsonLog log(settings);
    for (const auto* type : types)
        log.write(Event(*type));
    const auto lines = pipe.lines();
    ASSERT_EQ(lines.size(), types.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto line = nlohmann::json::parse(lines[i]);
        EXPECT_EQ(line.at("event"), std::string(types[i]->name));
        EXPECT_EQ(line.at("level"), std::string(name(types[i]->level)));
        EXPECT_EQ(line.at("msg"), std::string(types[i]->message));
    }
}

TEST(JsonLogTest, WritesTextForPeople) {
    Pipe pipe;
    auto settings = settings_for(pipe);
    settings.format = Format::text;
    settings.pseudonym = [](const std::string&) { return "a1b2"; };
    JsonLog log(settings);
    log.write(Event(events::patient_held).with(Key::patient, "800012345"));
    EXPECT_EQ(pipe.lines(), std::vector<std::string>{"1970-01-01T00:00:00.000Z WARN  patient.held: "
                                                     "patient held: see the reason patient=a1b2"});
}

TEST(JsonLogTest, BelowTheThresholdNothingIsWrittenNorWorkedOut) {
    Pipe pipe;
    auto settings = settings_for(pipe);
    settings.threshold = Level::warn;
    int asked = 0;
    settings.pseudonym = [&asked](const std::string& id) { return ++asked, id; };
    JsonLog log(settings);
    log.write(Event(events::patient_created).with(Key::patient, "1"));
    log.write(Event(events::patient_released).with(Key::patient, "1"));
    EXPECT_EQ(asked, 0);
    log.set_threshold(Level::info);
    log.write(Event(events::patient_created).with(Key::patient, "1"));
    log.write(Event(events::patient_released).with(Key::patient, "1"));
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(pipe.lines().size(), 1u);
}

TEST(JsonLogTest, BracesInAValueAreNoFormat) {
    Pipe pipe;
    JsonLog log(settings_for(pipe));
    log.write(Event(events::service_failed).with(Key::reason, "{} {0} %s %v {:>9999999}"));
    const auto lines = pipe.lines();
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(nlohmann::json::parse(lines[0]).at("reason"), "{} {0} %s %v {:>9999999}");
}

TEST(JsonLogTest, TheProgramOutlivesAReaderThatWentAway) {
    Pipe pipe;
    JsonLog log(settings_for(pipe));
    pipe.close_reader();
    log.write(Event(events::service_started));
    log.write(Event(events::service_stopped));
    EXPECT_EQ(log.lost(), 2u);
}

TEST(JsonLogTest, TheProgramOutlivesAJournalThatWentAway) {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    JsonLogSettings settings;
    settings.descriptor = ends[1];
    JsonLog log(settings);
    log.write(Event(events::service_started));
    std::array<char, 256> line{};
    const auto size = read(ends[0], line.data(), line.size());
    ASSERT_GT(size, 0);
    EXPECT_EQ(line[static_cast<std::size_t>(size) - 1], '\n');
    close(ends[0]);
    log.write(Event(events::service_stopped));
    EXPECT_EQ(log.lost(), 1u);
    close(ends[1]);
}

TEST(JsonLogTest, ADescriptorThatIsNotOpenDoesNoHarm) {
    Pipe pipe;
    auto settings = settings_for(pipe);
    pipe.close_writer();
    settings.descriptor = -1;
    JsonLog log(settings);
    log.write(Event(events::service_started));
    EXPECT_EQ(log.lost(), 1u);
}

TEST(JsonLogTest, AFullDiskDoesNoHarm) {
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0);
    JsonLogSettings settings;
    settings.descriptor = full;
    JsonLog log(settings);
    log.write(Event(events::service_started));
    EXPECT_EQ(log.lost(), 1u);
    close(full);
}

TEST(JsonLogTest, AfterALineThatWasCutOffTheNextOneStandsByItself) {
    Pipe pipe(O_NONBLOCK);
    JsonLog log(settings_for(pipe));
    // Lines longer than what a pipe takes in one piece, until one is cut off.
    const std::string long_reason(1000, 'x');
    const auto event = [&] {
        return Event(events::patient_held)
            .with(Key::source, long_reason)
            .with(Key::patient, long_reason)
            .with(Key::medicapp_id, long_reason)
            .with(Key::fields, long_reason)
            .with(Key::reason, long_reason);
    };
    while (log.lost() == 0)
        log.write(event());
    std::string all;
    for (auto piece = pipe.take(65536); !piece.empty(); piece = pipe.take(65536))
        all += piece;
    EXPECT_NE(all.back(), '\n') << "no line was cut off";
    log.write(Event(events::service_stopped));
    const auto lines = pipe.lines();
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0], "");
    EXPECT_EQ(nlohmann::json::parse(lines[1]).at("event"), "service.stopped");
}

TEST(JsonLogTest, AFailingPseudonymLosesTheLineOnly) {
    Pipe pipe;
    auto settings = settings_for(pipe);
    settings.pseudonym = [](const std::string&) -> std::string { throw std::runtime_error("no"); };
    JsonLog log(settings);
    log.write(Event(events::patient_held).with(Key::patient, "800012345"));
    log.write(Event(events::service_stopped));
    EXPECT_EQ(log.lost(), 1u);
    EXPECT_EQ(pipe.lines().size(), 1u);
}

TEST(JsonLogTest, TimesAreTheMachinesByDefault) {
    Pipe pipe;
    JsonLogSettings settings;
    settings.descriptor = pipe.writer();
    JsonLog log(settings);
    log.write(Event(events::service_started));
    const auto lines = pipe.lines();
    ASSERT_EQ(lines.size(), 1u);
    const auto year = nlohmann::json::parse(lines[0]).at("ts").get<std::string>().substr(0, 4);
    EXPECT_GE(year, "2024");
}

} // namespace
} // namespace medibridge::log
