#include "base/log/json_log.hpp"

#include "base/log/descriptor.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/sink.h>
#include <string>

namespace medibridge::log {

namespace {

/// Writes lines that are finished already: no pattern, no buffer that a crash would lose.
class LineSink final : public spdlog::sinks::sink {
  public:
    explicit LineSink(int descriptor) : descriptor_(descriptor) {}

    void log(const spdlog::details::log_msg& message) override {
        const std::string_view line(message.payload.data(), message.payload.size());
        // The rest of a line that was cut off must not be read as the start of this one.
        if (cut_ && descriptor_.write_all("\n") == 1) cut_ = false;
        const std::size_t written = cut_ ? 0 : descriptor_.write_all(line);
        if (written == line.size()) return;
        ++lost_;
        if (written > 0) cut_ = true;
    }

    void flush() override {}
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

    std::uint64_t lost() const { return lost_; }

  private:
    Descriptor descriptor_;
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
        logger.set_level(spdlog_level(settings.threshold));
        logger.set_error_handler([this](const std::string&) { ++failed; });
    }

    JsonLogSettings settings;
    std::shared_ptr<LineSink> sink;
    spdlog::logger logger;
    std::string line; ///< kept for its memory
    std::uint64_t failed = 0;
};

JsonLog::JsonLog(JsonLogSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}

JsonLog::~JsonLog() = default;

void JsonLog::write(const Event& event) {
    const auto level = spdlog_level(event.type().level);
    if (!impl_->logger.should_log(level)) return;
    try {
        auto& line = impl_->line;
        line.clear();
        const auto append = impl_->settings.format == Format::json ? append_json : append_text;
        append(line, event, impl_->settings.now(), impl_->settings.pseudonym);
        line += '\n';
        impl_->logger.log(level, spdlog::string_view_t(line.data(), line.size()));
    } catch (const std::exception&) {
        // Nowhere is left to say it but the count: a log must not stop what it tells about.
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
