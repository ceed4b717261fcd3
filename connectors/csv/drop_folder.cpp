#include "connectors/csv/drop_folder.hpp"

#include "connectors/csv/drop_directory.hpp"
#include "connectors/csv/events.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <utility>

namespace medibridge::connectors {

using runtime::Task;

namespace {

constexpr const char* one_import = "they are too many, or too large, for one cycle";
constexpr const char* waiting_rows =
    "so many rows wait in the inbox that no more are read until a cycle has taken them";
constexpr const char* restless =
    "it changes again and again, and is read when it has not changed for `settle`";
constexpr std::chrono::minutes writers_time(10);

struct Listing {
    std::vector<DroppedFile> files;
    std::int64_t now_ns = 0;
};

std::int64_t machine_now_ns() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

SourceError unusable(const DropDirectory& directory, const DiskError& error) {
    constexpr const char* wanted =
        ": it must exist, and the service's user must be allowed to read and write in it";
    return {SourceError::Kind::unavailable, "the folder " + directory.path().string() +
                                                " (directory): " + error.what +
                                                (error.is_read_only ? "" : wanted)};
}

} // namespace

struct DropFolder::Timer {
    explicit Timer(const boost::asio::any_io_executor& executor) : asio(executor) {}

    boost::asio::steady_timer asio;
};

DropFolder::DropFolder(SourceEnvironment its, const CsvSettings& settings,
                       std::unique_ptr<DropDirectory> directory, Inbox& inbox, Limits limits)
    : its_(std::move(its)),
      settings_(settings),
      mapping_(settings.fields, settings.timezone),
      directory_(std::move(directory)),
      inbox_(inbox),
      limits_(limits),
      timer_(std::make_unique<Timer>(its_.executor)) {
    its_.words = its_.words.knowing({settings.pattern}); // the operator's own words
    const CsvDecoder known(settings.encoding);           // throws now rather than at the first file
}

DropFolder::~DropFolder() = default;

Task<SourceResult<void>> DropFolder::import_all() {
    open_watch();
    auto found = co_await look();
    const auto delay = found ? until_settled_ahead() : runtime::Duration(0);
    if (delay.count() > 0) {
        const auto until = its_.clock.now() + delay;
        // Others may wake the clock too.
        while (!cancelled_ && its_.clock.now() < until)
            co_await its_.clock.sleep_until(until);
        if (cancelled_)
            co_return std::unexpected(SourceError(SourceError::Kind::cancelled, "stopped"));
        found = co_await look();
    }
    if (!found) {
        its_.figures->left.reset();
        co_return std::unexpected(std::move(found).error());
    }
    const bool in_order = !settings_.fields.contains("modifiedAt");
    std::uint64_t brought_bytes = 0;
    std::string left_for;
    std::size_t next = 0;
    for (; next < found->size(); ++next) {
        const auto& file = (*found)[next];
        if (cancelled_)
            co_return std::unexpected(SourceError(SourceError::Kind::cancelled, "stopped"));
        const auto known = looks_.find(file.name);
        if (known == looks_.end()) continue; // gone, as a look meanwhile has shown
        if (!is_settled(known->second)) {
            if (is_single_run() && known->second.ahead)
                impeded(file, "its time is ahead of the folder's clock, and it has not been seen "
                              "unchanged for `settle` yet: the next run reads it");
            look_again_later();
            // If rows have no time, the file that came later counts, so files must keep their
            // order.
            if (in_order) break;
            continue;
        }
        if (brought_bytes >= limits_.bytes) left_for = one_import;
        if (auto room = co_await has_room(); !room)
            co_return std::unexpected(std::move(room).error());
        else if (!*room)
            left_for = waiting_rows;
        if (!left_for.empty()) break;
        auto brought = co_await import_one(file);
        if (!brought) co_return std::unexpected(std::move(brought).error());
        // What cannot be moved away must not keep the others waiting.
        if (!looks_.contains(file.name)) brought_bytes += file.size;
    }
    // There may be more, and there is room for them now.
    if (next == limits_.files && brought_bytes > 0) left_for = one_import;
    leave(found->size() - next, left_for);
    show_left(*found, next);
    co_await delete_done();
    co_return SourceResult<void>();
}

/// Whether what waits in the inbox lets another file be brought.
Task<SourceResult<bool>> DropFolder::has_room() {
    Arrival question; // without records: nothing is stored
    question.sender = its_.name;
    const auto receipt = co_await inbox_.put(std::move(question));
    if (!receipt) co_return std::unexpected(receipt.error());
    co_return receipt->full == Receipt::Full::no;
}

/// Says once why files stay in the folder. Where a cycle was just long enough, the next one begins
/// at once.
void DropFolder::leave(std::size_t files, const std::string& reason) {
    if (std::exchange(left_for_, reason) != reason && !reason.empty())
        its_.log.write(log::Event(events::files_left)
                           .with(log::Key::source, its_.name)
                           .with(log::Key::reason, reason)
                           .with(log::Key::files, static_cast<std::int64_t>(files)));
    const auto tell = its_.on_arrival;
    if (reason == one_import && tell) tell();
}

/// Shows who asks how the source fares what stays in its folder, and why; from the file `next` on
/// none was tried.
void DropFolder::show_left(const std::vector<DroppedFile>& found, std::size_t next) {
    figures::LeftFiles left{directory_->path().string(), {}};
    const std::string others = left_for_ == one_import ? "" : left_for_; // soon read
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto known = looks_.find(found[i].name);
        if (known == looks_.end()) continue;
        const auto& look = known->second;
        std::string why = look.impediment;
        if (why.empty() && is_restless(look)) why = restless;
        if (why.empty() && i >= next) why = others;
        if (!why.empty()) ++left.reasons[why];
    }
    its_.figures->left = std::move(left);
}

/// Whether it has not been complete for so long that this is no longer a file being written.
bool DropFolder::is_restless(const Look& look) const {
    return !is_settled(look) && its_.clock.now() - look.met >= settings_.settle + writers_time;
}

/// The file of that name has changed since it was listed, or is gone: it has to settle anew.
void DropFolder::look_anew(const std::string& name) {
    const auto known = looks_.find(name);
    if (known != looks_.end()) known->second.file = {};
}

/// Deletes what lay in done/ for longer than it is kept. What keeps it from doing so is logged
/// once, and stops nothing.
Task<void> DropFolder::delete_done() {
    const auto now = its_.clock.now();
    const bool is_due = settings_.keep.count() == 0 || !deletion_ || now >= *deletion_;
    if (its_.dry_run || !is_due) co_return;
    deletion_ = now + std::min(limits_.deletion, runtime::Duration(settings_.keep));
    auto job = disk_attempt([directory = directory_, limit = limits_.files,
                             age = std::chrono::nanoseconds(settings_.keep).count()] {
        return std::pair(directory->kept_because(), directory->delete_done(age, limit));
    });
    const auto done = co_await worker_.run(std::move(job));
    const auto reason = done ? done->first : done.error().what;
    if (!reason.empty() && !std::exchange(kept_reported_, true))
        its_.log.write(log::Event(events::file_impeded)
                           .with(log::Key::source, its_.name)
                           .with(log::Key::reason, reason)
                           .with(log::Key::file, "done/"));
    if (!done || done->second == 0) co_return;
    its_.log.write(log::Event(events::files_deleted)
                       .with(log::Key::source, its_.name)
                       .with(log::Key::files, static_cast<std::int64_t>(done->second)));
}

Task<SourceResult<std::vector<DroppedFile>>> DropFolder::look() {
    auto job =
        disk_attempt([directory = directory_, limit = limits_.files, dry_run = its_.dry_run] {
            Listing listing;
            listing.files = directory->list(limit);
            if (!dry_run) directory->prepare();
            listing.now_ns = dry_run ? machine_now_ns() : directory->now_ns();
            return listing;
        });
    auto listing = co_await worker_.run(std::move(job));
    if (!listing) co_return std::unexpected(unusable(*directory_, listing.error()));
    note(listing->files, listing->now_ns);
    co_return std::move(listing->files);
}

void DropFolder::note(const std::vector<DroppedFile>& files, std::int64_t now_ns) {
    const auto settle = std::chrono::nanoseconds(settings_.settle).count();
    std::map<std::string, Look> looks;
    for (const auto& file : files) {
        Look look;
        look.file = file;
        look.since = its_.clock.now();
        look.whole = now_ns - file.since_ns() >= settle;
        look.ahead = file.modified_ns > now_ns;
        look.met = look.since;
        const auto known = looks_.find(file.name);
        if (known != looks_.end()) look.met = known->second.met;
        if (known != looks_.end() && known->second.file == file) look = known->second;
        look.whole = renamed_.erase(file.name) > 0 || look.whole;
        looks.emplace(file.name, std::move(look));
    }
    looks_ = std::move(looks);
    if (renamed_.size() > limits_.files) renamed_.clear(); // long gone
}

bool DropFolder::is_settled(const Look& look) const {
    return look.whole || its_.clock.now() - look.since >= settings_.settle;
}

/// A single run leaves a file that is too young for the next run. A file whose time lies in the
/// future would stay too young, so this run waits for it: how long.
runtime::Duration DropFolder::until_settled_ahead() const {
    constexpr runtime::Duration patience(10'000);
    const bool waits = std::ranges::any_of(looks_, [this](const auto& known) {
        return known.second.ahead && !is_settled(known.second);
    });
    if (!waits || !is_single_run() || settings_.settle > patience) return runtime::Duration(0);
    return settings_.settle;
}

void DropFolder::impeded(const DroppedFile& file, const std::string& reason) {
    const auto look = looks_.find(file.name);
    if (look != looks_.end() && !std::exchange(look->second.impediment, reason).empty()) return;
    its_.log.write(log::Event(events::file_impeded)
                       .with(log::Key::source, its_.name)
                       .with(log::Key::reason, reason)
                       .with(log::Key::file, its_.words(file.name)));
}

void DropFolder::start() {
    watches_ = its_.on_arrival && !cancelled_;
    open_watch();
}

Task<void> DropFolder::stop() {
    end_watch();
    co_return;
}

void DropFolder::open_watch() {
    if (watch_ || !watches_) return;
    try {
        watch_.emplace(its_.executor, directory_->path(),
                       [this](ArrivalWatch::Happening happening, const std::string& name) {
                           happened(happening, name);
                       });
    } catch (const std::system_error&) {
        // The folder may come later, and polling goes on: import_all() reports what is wrong.
    }
}

void DropFolder::happened(ArrivalWatch::Happening happening, const std::string& name) {
    const auto tell = its_.on_arrival; // a copy: it may be the end of us
    switch (happening) {
    case ArrivalWatch::Happening::renamed_into:
        if (!directory_->matches(name)) return;
        renamed_.insert(name);
        tell();
        return;
    case ArrivalWatch::Happening::written:
        if (directory_->matches(name)) look_again_later();
        return;
    case ArrivalWatch::Happening::unknown:
        look_again_later();
        return;
    case ArrivalWatch::Happening::ended:
        watch_.reset();
        return;
    }
}

void DropFolder::look_again_later() {
    if (timer_runs_ || !watches_) return;
    timer_runs_ = true;
    constexpr std::chrono::milliseconds grain(20); // of the times of files
    timer_->asio.expires_after(settings_.settle + grain);
    timer_->asio.async_wait([self = shared_from_this()](boost::system::error_code error) {
        self->timer_runs_ = false;
        if (error || !self->watches_) return;
        boost::asio::co_spawn(self->its_.executor, self->look_and_tell(),
                              [self](const std::exception_ptr& thrown) {
                                  if (thrown) std::rethrow_exception(thrown);
                              });
    });
}

Task<void> DropFolder::look_and_tell() {
    const auto found = co_await look();
    if (!found || !watches_) co_return; // the next import_all() reports it
    bool arrived = false;
    for (auto& [name, look] : looks_) {
        if (!is_settled(look))
            look_again_later();
        else
            arrived = !std::exchange(look.told, true) || arrived;
    }
    const auto tell = its_.on_arrival;
    if (arrived) tell();
}

void DropFolder::end_watch() {
    watches_ = false;
    watch_.reset();
    timer_->asio.cancel();
}

void DropFolder::cancel() {
    cancelled_ = true;
    end_watch();
}

} // namespace medibridge::connectors
