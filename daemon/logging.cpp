#include "daemon/logging.hpp"

#include "base/log/journal.hpp"
#include "base/log/json_log.hpp"

#include <cstdlib>

namespace medibridge::daemon {

namespace {

log::Level level_of(config::LogLevel level) {
    switch (level) {
    case config::LogLevel::debug:
        return log::Level::debug;
    case config::LogLevel::info:
        return log::Level::info;
    case config::LogLevel::warn:
        return log::Level::warn;
    case config::LogLevel::error:
        return log::Level::error;
    }
    return log::Level::info;
}

} // namespace

bool goes_to_journal(int descriptor) {
    const char* const stream = std::getenv("JOURNAL_STREAM");
    return stream != nullptr && log::is_journal(descriptor, stream);
}

std::unique_ptr<log::EventLog> make_plain_log() {
    log::JsonLogSettings its;
    if (goes_to_journal(its.descriptor)) its.journal = log::Journal::usual_socket;
    return std::make_unique<log::JsonLog>(std::move(its));
}

std::unique_ptr<log::EventLog> make_log(const config::LogSettings& settings,
                                        const reconcile::Digester& digester) {
    log::JsonLogSettings its;
    its.threshold = level_of(settings.level);
    its.format = settings.format == config::LogFormat::json ? log::Format::json : log::Format::text;
    // Then levels and fields reach it as such.
    if (goes_to_journal(its.descriptor)) its.journal = log::Journal::usual_socket;
    if (settings.identifiers == config::LogIdentifiers::pseudonym) {
        its.pseudonym = [digester](const std::string& external_id) {
            return digester.pseudonym(external_id);
        };
    }
    return std::make_unique<log::JsonLog>(std::move(its));
}

} // namespace medibridge::daemon
