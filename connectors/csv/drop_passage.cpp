#include "connectors/csv/drop_folder.hpp"

#include "base/log/catalogue.hpp"
#include "config/source_kind.hpp"
#include "connectors/csv/drop_directory.hpp"
#include "connectors/csv/events.hpp"

#include <cerrno>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace medibridge::connectors {

using runtime::Task;

namespace {

constexpr std::size_t rows_of_a_job = 2000;

std::string sentence(const CsvFault& fault) {
    return fault.line == 0 ? fault.what : "line " + std::to_string(fault.line) + ": " + fault.what;
}

/// It stands beside the file and is named after it. It does not repeat the name, which may be a
/// patient's.
std::string reason_text(const CsvFault& fault) {
    return "The file was rejected: no row of it was taken.\n\n" + sentence(fault) +
           "\n\nHave it corrected where it comes from, and drop it again.\n";
}

} // namespace

CsvRows::Read DropFolder::Passage::reader() const {
    return [this, at = off_t{0}](char* buffer, std::size_t size) mutable {
        ssize_t got = 0;
        do {
            got = ::pread(descriptor.number(), buffer, size, at);
        } while (got < 0 && errno == EINTR);
        if (got < 0) throw std::system_error(errno, std::generic_category(), "cannot be read");
        at += got;
        return static_cast<std::size_t>(got);
    };
}

std::optional<std::vector<reconcile::SourceRecord>> DropFolder::Passage::next(std::size_t rows) {
    auto read = records->next(rows);
    const bool at_end = read.size() < rows;
    // Checked after the rows were read: a file that is rewritten in place may be cut anywhere.
    if (!DropDirectory::is_unchanged(descriptor, file)) return std::nullopt;
    if (at_end && records->content() != check->content()) return std::nullopt;
    return read;
}

bool DropFolder::Passage::compare(std::size_t rows) {
    const auto read = records->next(rows);
    for (const auto& record : read)
        check->identities().look_at(record);
    return read.size() == rows;
}

/// What a file is recognised by. The mapping is part of it, so that a file can be dropped again
/// after the mapping was corrected. So is the file's own time: the same rows may come again to undo
/// a file between, and their times need not tell (none, whole days, some that prove nothing).
/// Whoever sends a file once more, and keeps its time, repeats it.
ContentDigest DropFolder::identity_of(const Passage& passage) const {
    ContentHash hash;
    const auto& content = passage.check->content();
    hash.add(std::string_view(reinterpret_cast<const char*>(content.data()), content.size()));
    const reconcile::IdentityPolicy any;
    for (const auto& [key, text] : config::mapping_of(settings_, any))
        hash.add(key + '=' + text + '\n');
    hash.add(std::to_string(passage.file.modified_ns));
    return hash.finish();
}

Task<SourceResult<void>> DropFolder::import_one(DroppedFile file) {
    auto passage = std::make_shared<Passage>(std::move(file), its_.clock.now());
    if (passage->file.size > settings_.max_size) {
        CsvFault fault;
        fault.what = "the file has more than " + std::to_string(settings_.max_size) +
                     " bytes (max_size): raise the limit, or have it sent in parts";
        co_await reject(passage, std::move(fault));
        co_return SourceResult<void>();
    }
    const bool opened = co_await open(passage);
    if (!opened) co_return SourceResult<void>();
    auto checked = co_await check(passage);
    if (!checked) co_return std::unexpected(std::move(checked).error());
    if (!*checked) co_return SourceResult<void>();
    auto brought = co_await bring(passage);
    if (!brought) co_return std::unexpected(std::move(brought).error());
    co_return SourceResult<void>();
}

Task<bool> DropFolder::open(std::shared_ptr<Passage> passage) {
    auto job = disk_attempt([passage, directory = directory_, settings = settings_, this] {
        passage->descriptor = directory->open(passage->file);
        if (!passage->descriptor.is_open()) return false;
        passage->check = std::make_unique<CsvCheck>(passage->reader(), settings, mapping_);
        return true;
    });
    const auto opened = co_await worker_.run(std::move(job));
    if (!opened) impeded(passage->file, opened.error().what);
    if (opened && !*opened) look_anew(passage->file.name);
    co_return opened ? *opened : false;
}

/// Whether the file may be used. If not, it was already rejected or left for later.
Task<SourceResult<bool>> DropFolder::check(std::shared_ptr<Passage> passage) {
    for (bool more = true; more;) {
        if (cancelled_)
            co_return std::unexpected(SourceError(SourceError::Kind::cancelled, "stopped"));
        auto job = disk_attempt([passage] { return passage->check->advance(rows_of_a_job); });
        const auto looked = co_await worker_.run(std::move(job));
        if (!looked) {
            impeded(passage->file, looked.error().what);
            co_return false;
        }
        more = *looked;
    }
    const bool unchanged = co_await is_as_checked(passage);
    if (!unchanged) co_return false;
    if (!passage->check->fault()) co_return true;
    auto fault = *passage->check->fault();
    co_await reject(passage, std::move(fault));
    co_return false;
}

Task<bool> DropFolder::is_as_checked(std::shared_ptr<Passage> passage) {
    auto job = disk_attempt(
        [passage] { return DropDirectory::is_unchanged(passage->descriptor, passage->file); });
    const auto unchanged = co_await worker_.run(std::move(job));
    const bool is_so = unchanged && *unchanged;
    if (!is_so) look_anew(passage->file.name);
    co_return is_so;
}

/// From the first row on.
Task<bool> DropFolder::start(std::shared_ptr<Passage> passage) {
    auto job = disk_attempt([passage, settings = settings_, this] {
        passage->records = std::make_unique<CsvRecords>(passage->reader(), settings, mapping_,
                                                        its_.words(passage->file.name),
                                                        passage->check->identities());
        return true;
    });
    const auto started = co_await worker_.run(std::move(job));
    if (!started) impeded(passage->file, started.error().what);
    co_return started.has_value();
}

/// Finds identifiers whose rows describe different people, before any row is used: such rows may be
/// far apart in the file. False if the file must be read again later.
Task<SourceResult<bool>> DropFolder::tell_apart(std::shared_ptr<Passage> passage) {
    auto note = disk_attempt([passage] { return passage->check->identities().any_differ(); });
    const auto differ = co_await worker_.run(std::move(note));
    if (!differ || !*differ) co_return true;
    bool more = co_await start(passage);
    if (!more) co_return false;
    while (more) {
        if (cancelled_)
            co_return std::unexpected(SourceError(SourceError::Kind::cancelled, "stopped"));
        auto job = disk_attempt([passage] { return passage->compare(rows_of_a_job); });
        const auto compared = co_await worker_.run(std::move(job));
        if (!compared) impeded(passage->file, compared.error().what);
        if (!compared) co_return false;
        more = *compared;
    }
    co_return true;
}

/// Brings the rows to the inbox and moves the file to done/. False if the file must be read again
/// later.
Task<SourceResult<bool>> DropFolder::bring(std::shared_ptr<Passage> passage) {
    const auto identity = identity_of(*passage);
    auto known = co_await inbox_.find(identity);
    if (!known) co_return std::unexpected(std::move(known).error());
    const bool repeated = known->has_value();
    if (!repeated) {
        auto apart = co_await tell_apart(passage);
        if (!apart) co_return std::unexpected(std::move(apart).error());
        if (!*apart) co_return false;
        const bool started = co_await start(passage);
        if (!started) co_return false;
    }
    bool first = true;
    for (bool more = !repeated; more;) {
        if (cancelled_)
            co_return std::unexpected(SourceError(SourceError::Kind::cancelled, "stopped"));
        auto job = disk_attempt([passage, rows = limits_.rows] { return passage->next(rows); });
        auto records = co_await worker_.run(std::move(job));
        if (!records) impeded(passage->file, records.error().what);
        if (records && !*records) look_anew(passage->file.name);
        if (!records || !*records) co_return false;
        Arrival arrival;
        arrival.continues = !std::exchange(first, false);
        arrival.records = std::move(**records);
        more = arrival.records.size() == limits_.rows;
        if (!more) arrival.content = identity;
        auto receipt = co_await inbox_.put(std::move(arrival));
        if (!receipt) co_return std::unexpected(std::move(receipt).error());
    }
    if (!repeated) report(*passage);
    const bool moved = co_await move_to_done(passage);
    if (moved && repeated)
        its_.log.write(log::Event(events::file_repeated)
                           .with(log::Key::source, its_.name)
                           .with(log::Key::file, its_.words(passage->file.name)));
    co_return moved;
}

Task<bool> DropFolder::move_to_done(std::shared_ptr<Passage> passage) {
    if (its_.dry_run) co_return true;
    auto job = disk_attempt(
        [passage, directory = directory_] { return directory->move_to_done(passage->file); });
    const auto moved = co_await worker_.run(std::move(job));
    if (!moved) impeded(passage->file, moved.error().what);
    if (moved) looks_.erase(passage->file.name);
    co_return moved ? *moved : false;
}

Task<void> DropFolder::reject(std::shared_ptr<Passage> passage, CsvFault fault) {
    if (!its_.dry_run) {
        auto job = disk_attempt([passage, directory = directory_, text = reason_text(fault)] {
            return directory->move_to_rejected(passage->file, text);
        });
        const auto moved = co_await worker_.run(std::move(job));
        if (!moved) impeded(passage->file, sentence(fault) + "; " + moved.error().what);
        if (moved) looks_.erase(passage->file.name);
        if (!moved || !*moved) co_return;
    }
    its_.log.write(log::Event(events::file_rejected)
                       .with(log::Key::source, its_.name)
                       .with(log::Key::reason, sentence(fault))
                       .with(log::Key::file, its_.words(passage->file.name)));
}

void DropFolder::report(const Passage& passage) {
    for (const auto& [fault, place] : passage.records->faults())
        its_.log.write(
            log::Event(log::events::field_dropped)
                .with(log::Key::source, its_.name)
                .with(log::Key::fields, std::string(fault.field))
                .with(log::Key::reason, std::string(fault.reason) + " (first at " + place + ")"));
    const auto duration = its_.clock.now() - passage.since;
    its_.log.write(log::Event(events::file_taken)
                       .with(log::Key::source, its_.name)
                       .with(log::Key::duration_ms, duration.count())
                       .with(log::Key::file, its_.words(passage.file.name))
                       .with(log::Key::rows, static_cast<std::int64_t>(passage.check->rows())));
}

} // namespace medibridge::connectors
