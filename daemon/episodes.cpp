#include "daemon/episodes.hpp"

#include "base/files/content.hpp"
#include "base/log/catalogue.hpp"
#include "connectors/medicapp/events.hpp"
#include "daemon/wall_clock.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <sstream>
#include <string_view>
#include <unistd.h>

namespace medibridge::daemon {

using log::Key;

namespace {

struct Kind {
    std::string_view begin;
    bool of_source; ///< the event names a source
    const log::EventType* end;
};

constexpr std::array<Kind, 6> kinds{{
    {"medicapp.unavailable", false, &connectors::events::medicapp_recovered},
    {"auth.refused", false, &connectors::events::auth_accepted},
    {"auth.refused", true, &log::events::source_recovered},
    {"source.unavailable", true, &log::events::source_recovered},
    {"source.unreadable", true, &log::events::source_recovered},
    {"service.impeded", false, &log::events::service_recovered},
}};

constexpr std::string_view guard_prefix = "guard.";
constexpr std::size_t longest_file = 65'536;

std::string text_of(const log::Event& event, Key key) {
    for (const auto& [name, value] : event.fields()) {
        const auto* const text = std::get_if<std::string>(&value);
        if (name == key && text != nullptr) return *text;
    }
    return {};
}

bool is_guard(std::string_view name) {
    return name.starts_with(guard_prefix) && name != log::events::guard_lifted.name;
}

/// `source.unavailable dpi`; without a source the name alone.
std::string key_of(std::string_view name, const std::string& source) {
    return source.empty() ? std::string(name) : std::string(name) + ' ' + source;
}

std::pair<std::string, std::string> parts_of(const std::string& key) {
    const auto space = key.find(' ');
    if (space == std::string::npos) return {key, {}};
    return {key.substr(0, space), key.substr(space + 1)};
}

const Kind* kind_of(std::string_view name, bool of_source) {
    const auto* const found = std::ranges::find_if(
        kinds, [&](const Kind& kind) { return kind.begin == name && kind.of_source == of_source; });
    return found == kinds.end() ? nullptr : found;
}

} // namespace

std::filesystem::path episodes_file(const std::filesystem::path& state_file) {
    return state_file.string() + ".episodes";
}

EpisodeLog::EpisodeLog(log::EventLog& next, std::filesystem::path file)
    : next_(&next),
      file_(std::move(file)) {
    read();
}

void EpisodeLog::write(const log::Event& event) {
    const auto name = event.type().name;
    const auto source = text_of(event, Key::source);
    const auto before = open_.size();
    const auto key = key_of(name, source);
    const bool begins = is_guard(name) || kind_of(name, !source.empty()) != nullptr;
    auto told = event;
    // A reload or a restart within the episode, which the log has the begin of.
    if (begins && !tells_again_ && open_.contains(key)) told.set_level(log::Level::debug);
    next_->write(told);
    if (begins) {
        former_.erase(key);
        open_.try_emplace(key, wall_clock_ms());
    } else if (name == log::events::guard_lifted.name) {
        std::erase_if(open_, [](const auto& one) { return is_guard(one.first); });
    } else {
        std::erase_if(open_, [&](const auto& one) {
            const auto [begin, of] = parts_of(one.first);
            const auto* const kind = kind_of(begin, !of.empty());
            return kind != nullptr && kind->end->name == name && of == source;
        });
    }
    std::erase_if(former_, [&](const auto& key) { return !open_.contains(key); });
    if (open_.size() != before) save();
}

void EpisodeLog::conclude(const sync::Report& report) {
    const bool complete = report.outcome == sync::Outcome::complete;
    const auto is_over = [&](const std::string& key) {
        const auto source = parts_of(key).second;
        return complete || std::ranges::any_of(report.sources, [&](const auto& status) {
                   return !source.empty() && !is_guard(key) && status.name == source &&
                          status.trouble.empty();
               });
    };
    const auto former = former_; // what is written takes itself out
    for (const auto& key : former)
        if (is_over(key)) close(key);
}

void EpisodeLog::close(const std::string& key) {
    const auto since = open_.find(key);
    if (since == open_.end()) return; // another one of the same end was closed with it
    const auto lasted = std::max<std::int64_t>(0, wall_clock_ms() - since->second);
    const auto [begin, source] = parts_of(key);
    if (is_guard(begin)) {
        const auto which = source.empty() ? begin : begin + " of " + source;
        write(log::Event(log::events::guard_lifted).with(Key::reason, which));
        return;
    }
    log::Event end(*kind_of(begin, !source.empty())->end);
    if (!source.empty()) end.add(Key::source, source);
    end.add(Key::duration_ms, lasted);
    write(end);
}

/// Lines of a time and a key. What is no such line was not written here, and is left out.
void EpisodeLog::read() {
    if (file_.empty()) return;
    const auto file = files::open_own(file_, files::Access::read);
    if (!file) return;
    const auto text = files::read_all(*file, longest_file);
    if (!text) return;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        const auto space = line.find(' ');
        std::int64_t since = 0;
        const auto* const begin = line.data();
        if (space == std::string::npos ||
            std::from_chars(begin, begin + space, since).ptr != begin + space)
            continue;
        auto key = line.substr(space + 1);
        const auto [name, source] = parts_of(key);
        if (!is_guard(name) && kind_of(name, !source.empty()) == nullptr) continue;
        former_.insert(key);
        open_.emplace(std::move(key), since);
    }
}

/// Replaced as a whole. If that fails, as on a full disk, an end may be missing in the log, and
/// nothing else is.
void EpisodeLog::save() const {
    if (file_.empty()) return;
    if (open_.empty()) {
        ::unlink(file_.c_str());
        return;
    }
    std::string text;
    for (const auto& [key, since] : open_)
        text += std::to_string(since) + ' ' + key + '\n';
    const auto fresh = file_.string() + ".new";
    ::unlink(fresh.c_str());
    const auto file = files::make_file(fresh, 0600);
    if (!file || files::write_all(*file, text)) return;
    std::rename(fresh.c_str(), file_.c_str());
}

} // namespace medibridge::daemon
