#include "vfs.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <set>
#include <stdexcept>

namespace medibridge::disk {
namespace {

Drive& drive_of(sqlite3_vfs* vfs) {
    return *static_cast<Drive*>(vfs->pAppData);
}

/// What SQLite holds of an open file. It gives the memory; xOpen and xClose make and end this.
struct Open : sqlite3_file {
    Open(const sqlite3_io_methods* methods, Drive& of, Drive::File which, bool makes_durable)
        : sqlite3_file{methods},
          drive(&of),
          file(std::move(which)),
          process(of.process()),
          sync_makes_durable(makes_durable) {}

    bool alive() const { return process == drive->process(); }
    /// What becomes of an operation on it.
    Outcome begin(Operation operation) const {
        return alive() ? drive->begin(operation) : Outcome::failed;
    }

    Drive* drive;
    Drive::File file;
    int process;
    bool is_log = false;
    bool sync_makes_durable; ///< the first sync covers the directory, as with SQLite's own disks
    std::string remove_on_close;
    int lock = SQLITE_LOCK_NONE;
};

Open& open_of(sqlite3_file* file) {
    return *static_cast<Open*>(file);
}

/// All open files, to find who holds locks on the same one.
std::set<Open*>& all_open() {
    static thread_local std::set<Open*> all;
    return all;
}

int highest_lock_of_others(const Open& mine) {
    int highest = SQLITE_LOCK_NONE;
    for (const Open* other : all_open())
        if (other != &mine && other->file == mine.file && other->alive())
            highest = std::max(highest, other->lock);
    return highest;
}

int close(sqlite3_file* file) {
    Open& open = open_of(file);
    if (!open.remove_on_close.empty() && open.alive()) open.drive->remove(open.remove_on_close);
    all_open().erase(&open);
    open.~Open();
    return SQLITE_OK;
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    const Open& open = open_of(file);
    const Outcome outcome = open.begin(open.is_log ? Operation::read_log : Operation::read);
    if (outcome == Outcome::failed) return SQLITE_IOERR_READ;
    const std::string& bytes = open.file->bytes();
    const auto from = std::min(bytes.size(), static_cast<std::size_t>(offset));
    const auto length = std::min(bytes.size() - from, static_cast<std::size_t>(size));
    auto* target = static_cast<char*>(to);
    std::memcpy(target, bytes.data() + from, length);
    std::memset(target + length, 0, static_cast<std::size_t>(size) - length);
    if (outcome == Outcome::corrupted)
        for (std::size_t i = 0; i < length; i += 7)
            target[i] = static_cast<char>(target[i] ^ 0x55);
    return length == static_cast<std::size_t>(size) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    const Open& open = open_of(file);
    const Outcome outcome = open.begin(Operation::write);
    if (outcome == Outcome::failed) return SQLITE_IOERR_WRITE;
    auto length = static_cast<std::size_t>(size);
    if (outcome == Outcome::full) length /= 2;
    open.file->write(static_cast<std::size_t>(offset), {static_cast<const char*>(from), length});
    if (outcome == Outcome::full) return SQLITE_FULL;
    return outcome == Outcome::done ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const Open& open = open_of(file);
    const Outcome outcome = open.begin(Operation::truncate);
    if (outcome == Outcome::failed) return SQLITE_IOERR_TRUNCATE;
    open.file->truncate(static_cast<std::size_t>(size));
    return outcome == Outcome::done ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

int sync(sqlite3_file* file, int) {
    Open& open = open_of(file);
    if (open.begin(Operation::sync) != Outcome::done) return SQLITE_IOERR_FSYNC;
    open.file->sync();
    if (open.sync_makes_durable) open.drive->sync_directory();
    open.sync_makes_durable = false;
    return SQLITE_OK;
}

int size(sqlite3_file* file, sqlite3_int64* size) {
    const Open& open = open_of(file);
    if (open.begin(Operation::measure) != Outcome::done) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(open.file->bytes().size());
    return SQLITE_OK;
}

int lock(sqlite3_file* file, int level) {
    Open& open = open_of(file);
    if (level <= open.lock) return SQLITE_OK;
    const Outcome outcome = open.begin(Operation::lock);
    if (outcome == Outcome::locked) return SQLITE_BUSY;
    if (outcome != Outcome::done) return SQLITE_IOERR_LOCK;
    const int others = highest_lock_of_others(open);
    const int bearable = level == SQLITE_LOCK_SHARED     ? SQLITE_LOCK_RESERVED
                         : level == SQLITE_LOCK_RESERVED ? SQLITE_LOCK_SHARED
                                                         : SQLITE_LOCK_NONE;
    if (others > bearable) return SQLITE_BUSY;
    open.lock = level;
    return SQLITE_OK;
}

int unlock(sqlite3_file* file, int level) {
    Open& open = open_of(file);
    open.lock = std::min(open.lock, level);
    return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* file, int* reserved) {
    *reserved = highest_lock_of_others(open_of(file)) >= SQLITE_LOCK_RESERVED ? 1 : 0;
    return SQLITE_OK;
}

int control(sqlite3_file*, int, void*) {
    return SQLITE_NOTFOUND;
}

// What SQLite's own unix disk says of itself, so that SQLite behaves as it does on one.
int sector_size_of(sqlite3_file*) {
    return 4096;
}

int characteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/// Version 1: a disk without shared memory.
constexpr sqlite3_io_methods methods = {
    1,
    close,
    read,
    write,
    truncate,
    sync,
    size,
    lock,
    unlock,
    check_reserved_lock,
    control,
    sector_size_of,
    characteristics,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

Outcome find_or_make(Drive& drive, const char* name, int flags, Drive::File& file) {
    if (name == nullptr) {
        file = std::make_shared<StoredFile>();
        return drive.begin(Operation::open);
    }
    file = drive.find(name);
    if (file || (flags & SQLITE_OPEN_CREATE) == 0)
        return file ? drive.begin(Operation::open) : Outcome::failed;
    const Outcome outcome = drive.begin(Operation::make);
    if (outcome == Outcome::done || outcome == Outcome::begun) file = drive.make(name);
    return outcome;
}

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* to, int flags, int* flags_out) {
    constexpr int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    to->pMethods = nullptr;
    Drive& drive = drive_of(vfs);
    const bool makes_durable = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & journals) != 0;
    Drive::File file;
    if (find_or_make(drive, name, flags, file) != Outcome::done) return SQLITE_CANTOPEN;
    auto* opened = new (to) Open(&methods, drive, std::move(file), makes_durable);
    if (name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0) opened->remove_on_close = name;
    opened->is_log = (flags & SQLITE_OPEN_WAL) != 0;
    all_open().insert(opened);
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    Drive& drive = drive_of(vfs);
    const Outcome outcome = drive.begin(Operation::remove);
    if (outcome == Outcome::failed) return SQLITE_IOERR_DELETE;
    if (!drive.find(name)) return SQLITE_IOERR_DELETE_NOENT;
    drive.remove(name);
    if (outcome != Outcome::done) return SQLITE_IOERR_DELETE;
    if (sync_directory != 0) drive.sync_directory();
    return SQLITE_OK;
}

int access(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
    Drive& drive = drive_of(vfs);
    if (drive.begin(Operation::look_up) != Outcome::done) return SQLITE_IOERR_ACCESS;
    const Drive::File file = drive.find(name);
    // SQLite counts an empty file as none where it only asks whether there is one.
    const bool there = file && (flags != SQLITE_ACCESS_EXISTS || !file->bytes().empty());
    *result = there ? 1 : 0;
    return SQLITE_OK;
}

int full_pathname(sqlite3_vfs*, const char* name, int size, char* to) {
    sqlite3_snprintf(size, to, "%s", name);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs*, int size, char* to) {
    std::memset(to, 0, static_cast<std::size_t>(size));
    return size;
}

int sleep(sqlite3_vfs*, int microseconds) {
    return microseconds; // nobody else can give way meanwhile
}

int current_time(sqlite3_vfs*, double* julian_day) {
    *julian_day = 2460310.5; // 1 January 2024
    return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) {
    return 0;
}

std::string new_name() {
    static std::atomic<int> made = 0;
    return "simulated-disk-" + std::to_string(++made);
}

} // namespace

Vfs::Vfs(Drive& drive) : name_(new_name()) {
    vfs_.iVersion = 1;
    vfs_.szOsFile = sizeof(Open);
    vfs_.mxPathname = 512;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = &drive;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    vfs_.xAccess = access;
    vfs_.xFullPathname = full_pathname;
    vfs_.xRandomness = randomness;
    vfs_.xSleep = sleep;
    vfs_.xCurrentTime = current_time;
    vfs_.xGetLastError = last_error;
    if (sqlite3_vfs_register(&vfs_, 0) != SQLITE_OK)
        throw std::runtime_error("SQLite does not take the simulated disk");
}

Vfs::~Vfs() {
    sqlite3_vfs_unregister(&vfs_);
}

} // namespace medibridge::disk
