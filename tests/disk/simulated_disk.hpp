#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace medibridge::disk {

/// A disk in memory that SQLite can open databases on. It can lose its power, its program can die,
/// and its operations can fail. The same calls with the same seeds always give the same bytes.
///
/// One thread at a time. A database must be closed before its disk goes; one whose process was
/// killed can still be closed, to no effect.
class SimulatedDisk {
  public:
    SimulatedDisk();
    SimulatedDisk(const SimulatedDisk&) = delete;
    SimulatedDisk& operator=(const SimulatedDisk&) = delete;
    ~SimulatedDisk();

    /// The name that SQLite knows the disk by (the fourth argument of sqlite3_open_v2).
    const char* vfs() const;

    /// The process dies: everything written stays, its locks are gone, and whatever its open files
    /// are still asked fails. Faults go too.
    void kill_process();
    /// The process dies and the power goes: of what was not synced, each change is kept, lost or
    /// torn as `seed` draws it, and so is each making or removing of a file that no sync of the
    /// directory followed.
    void cut_power(std::uint64_t seed);
    /// The nth change from now on (1: the next) is begun but not finished, and everything after it
    /// fails: the moment of a power cut or of a death, which kill_process or cut_power completes.
    void stop_at_change(std::int64_t nth);
    /// Whether the moment has come.
    bool stopped() const;

    enum class Fault {
        io_error, ///< any operation fails
        full,     ///< a write finds no room
        locked,   ///< taking a lock finds it taken
        /// A read brings other bytes than were written, unnoticed. Of databases and their journals;
        /// SQLite takes a write-ahead log that cannot be read so for one that ends there.
        corrupt_read,
    };
    /// Fails the nth from now on (1: the next) of the operations that the fault can strike; once,
    /// or from then on until heal().
    void fail(std::int64_t nth, Fault fault, bool lasting = false);
    /// Whether the fault has struck.
    bool struck() const;
    /// No fault any more, neither one that lasts nor one to come.
    void heal();

    /// Operations so far: open, read, write, truncate, sync, remove, look up, measure, lock.
    std::int64_t operations() const;
    /// Those that change the disk: make, write, truncate, sync, remove.
    std::int64_t changes() const;

    /// The files as programs see them now, by name.
    std::map<std::string, std::string> files() const;
    /// Everything that they hold, one after the other, to search for what must not be there.
    std::string bytes() const;
    /// Adds to the end of a file that no database is in, made if it is missing, and syncs it and
    /// its name: three or four changes. False if one of them fails.
    bool append(const std::string& name, const std::string& bytes);

    /// An operator's hand: the file with exactly these bytes, durably. No process may have it open.
    void put(const std::string& name, std::string bytes);
    /// The same, gone.
    void remove(const std::string& name);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace medibridge::disk
