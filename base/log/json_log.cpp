#include "base/log/json_log.hpp"

#include "base/log/journal.hpp"

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <optional>
#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/sink.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::log {

namespace {

/// The descriptor to which lines are written; it is not closed here. Writing never raises SIGPIPE,
/// whatever the program does with that signal.
class Output {
  public:
    explicit Output(int number);

    /// Writes all bytes, in one piece if the system does. Waits once, up to `max_wait_ms`, for a
    /// non-blocking descriptor. Returns how many bytes were written.
    std::size_t write_all(std::string_view bytes) const;

    static constexpr int max_wait_ms = 200;

  private:
    enum class Kind { file, pipe, socket };

    std::size_t write_rest(std::string_view bytes, bool& broken) const;

    int number_;
    Kind kind_;
};

/// Blocks, while it lives, the SIGPIPE that a write of this thread may raise.
class NoBrokenPipe {
  public:
    NoBrokenPipe() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_, &former_);
    }

    ~NoBrokenPipe() {
        const timespec at_once{};
        if (raised)
            while (sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {
            }
        pthread_sigmask(SIG_SETMASK, &former_, nullptr);
    }

    NoBrokenPipe(const NoBrokenPipe&) = delete;
    NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

    bool raised = false;

  private:
    sigset_t pipe_{};
    sigset_t former_{};
};

Output::Output(int number) : number_(number), kind_(Kind::file) {
    struct stat info{};
    if (fstat(number, &info) != 0) return; // each write will fail and say so
    if (S_ISFIFO(info.st_mode)) kind_ = Kind::pipe;
    if (S_ISSOCK(info.st_mode)) kind_ = Kind::socket;
}

std::size_t Output::write_all(std::string_view bytes) const {
    bool broken = false;
    if (kind_ != Kind::pipe) return write_rest(bytes, broken);
    NoBrokenPipe guard;
    return write_rest(bytes, guard.raised);
}

std::size_t Output::write_rest(std::string_view bytes, bool& broken) const {
    std::size_t written = 0;
    bool waited = false;
    while (written < bytes.size()) {
        const auto rest = bytes.substr(written);
        // The journal is a socket, so the usual line costs one call.
        const auto count = kind_ == Kind::socket
                               ? send(number_, rest.data(), rest.size(), MSG_NOSIGNAL)
                               : ::write(number_, rest.data(), rest.size());
        if (count > 0) {
            written += static_cast<std::size_t>(count);
            continue;
        }
        if (count < 0 && errno == EINTR) continue;
        broken = count < 0 && errno == EPIPE;
        if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK) || waited) break;
        pollfd ready{number_, POLLOUT, 0};
        waited = true;
        if (poll(&ready, 1, max_wait_ms) <= 0) break;
    }
    return written;
}

/// Writes finished lines: without a pattern, and without a buffer that a crash would lose.
class LineSink final : public spdlog::sinks::sink {
  public:
    explicit LineSink(int descriptor) : output_(descriptor) {}

    void log(const spdlog::details::log_msg& message) override {
        const std::string_view line(message.payload.data(), message.payload.size());
        // After a line that was cut off, this one must begin on a new line.
        if (cut_ && output_.write_all("\n") == 1) cut_ = false;
        const std::size_t written = cut_ ? 0 : output_.write_all(line);
        if (written == line.size()) return;
        ++lost_;
        if (written > 0) cut_ = true;
    }

    void flush() override {}
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

    std::uint64_t lost() const { return lost_; }

  private:
    Output output_;
    bool cut_ = false;
    std::uint64_t lost_ = 0;
};

spdlog::level::level_enum spdlog_level(Level level) {
    switch (level) {
    case Level::debug:
        return spdlog::level::debug;
    case Level::info:
        return spdlog::level::info;
    case Level::warn:
        return spdlog::level::warn;
    case Level::error:
        return spdlog::level::err;
    }
    return spdlog::level::err;
}

WallTime wall_clock() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

} // namespace

struct JsonLog::Impl {
    explicit Impl(JsonLogSettings settings_)
        : settings(std::move(settings_)),
          sink(std::make_shared<LineSink>(settings.descriptor)),
          logger("medibridge", sink) {
        if (!settings.now) settings.now = wall_clock;
        if (!settings.journal.empty()) journal.emplace(settings.journal);
        logger.set_level(spdlog_level(settings.threshold));
        logger.set_error_handler([this](const std::string&) { ++failed; });
    }

    JsonLogSettings settings;
    std::optional<Journal> journal;
    std::shared_ptr<LineSink> sink;
    spdlog::logger logger;
    std::string line; ///< reused, to keep its memory
    std::uint64_t failed = 0;
};

JsonLog::JsonLog(JsonLogSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}

JsonLog::~JsonLog() = default;

void JsonLog::write(const Event& event) {
    const auto level = spdlog_level(event.level());
    if (!impl_->logger.should_log(level)) return;
    try {
        auto& line = impl_->line;
        line.clear();
        const auto append = impl_->settings.format == Format::json ? append_json : append_text;
        append(line, event, impl_->settings.now(), impl_->settings.pseudonym);
        auto& journal = impl_->journal;
        if (journal && journal->send(event, line, impl_->settings.pseudonym)) return;
        line += '\n';
        impl_->logger.log(level, spdlog::string_view_t(line.data(), line.size()));
    } catch (const std::exception&) {
        // Only the count can show it: a log must not stop the program.
        ++impl_->failed;
    }
}

void JsonLog::set_threshold(Level threshold) {
    impl_->settings.threshold = threshold;
    impl_->logger.set_level(spdlog_level(threshold));
}

std::uint64_t JsonLog::lost() const {
    return impl_->sink->lost() + impl_->failed;
}

} // namespace medibridge::log
