#pragma once

#include "simulated_disk.hpp"
#include "stored_file.hpp"

#include <optional>

namespace medibridge::disk {

enum class Operation {
    open,
    make,
    read,
    read_log,
    write,
    truncate,
    sync,
    remove,
    look_up,
    measure,
    lock
};

/// What becomes of an operation.
enum class Outcome {
    done,
    begun,  ///< the disk may have taken it up, but the program will never know
    failed, ///< nothing was done
    full,
    locked,
    corrupted,
};

/// A directory with its files, and what happens to the operations on them.
class Drive {
  public:
    using File = std::shared_ptr<StoredFile>;

    /// Counts the operation and says what becomes of it.
    Outcome begin(Operation operation);

    File find(const std::string& name) const; ///< none: nullptr
    File make(const std::string& name);
    void remove(const std::string& name) { files_.erase(name); }
    /// The directory as it is now survives a power cut.
    void sync_directory() { durable_files_ = files_; }
    const std::map<std::string, File>& files() const { return files_; }

    void end_process();
    void lose_power(std::uint64_t seed);
    /// Counts processes: a file that another one opened is of no use any more.
    int process() const { return process_; }

    void stop_at_change(std::int64_t nth) { stop_at_ = changes_ + nth; }
    bool stopped() const { return stopped_; }
    void fail(std::int64_t nth, SimulatedDisk::Fault fault, bool lasting);
    bool struck() const { return struck_; }
    void heal() { fault_.reset(); }
    std::int64_t operations() const { return operations_; }
    std::int64_t changes() const { return changes_; }

  private:
    struct Planned {
        std::int64_t in; ///< operations until it strikes
        SimulatedDisk::Fault fault;
        bool lasting;
    };
    std::optional<Outcome> strike(Operation operation);

    std::map<std::string, File> files_;
    std::map<std::string, File> durable_files_;
    int process_ = 0;
    std::int64_t operations_ = 0;
    std::int64_t changes_ = 0;
    std::optional<std::int64_t> stop_at_;
    bool stopped_ = false;
    std::optional<Planned> fault_;
    bool struck_ = false;
};

} // namespace medibridge::disk
