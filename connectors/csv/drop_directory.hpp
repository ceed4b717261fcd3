#pragma once

#include "base/bytes/descriptor.hpp"

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace medibridge::connectors {

/// Why an operation failed on the disk, or on a file that changed meanwhile.
class DiskError {
  public:
    DiskError() = default;
    explicit DiskError(std::string its_what) : what(std::move(its_what)) {}
    /// Where the place is read-only, it says what to do about that.
    explicit DiskError(const std::system_error& error);

    std::string what;          ///< for an operator; never a value
    bool is_read_only = false; ///< the file system, as this process sees it
};

template <class T>
using DiskResult = std::expected<T, DiskError>;

/// `job`, with the errors of the disk that it throws (std::runtime_error, so std::system_error too)
/// turned into a value, because a coroutine cannot await inside a catch block.
template <class Job>
auto disk_attempt(Job job) {
    using Result = DiskResult<std::invoke_result_t<Job&>>;
    return [job = std::move(job)]() mutable -> Result {
        try {
            return job();
        } catch (const std::system_error& error) {
            return std::unexpected(DiskError(error));
        } catch (const std::runtime_error& error) {
            return std::unexpected(DiskError(error.what()));
        }
    };
}

/// A file of a drop folder, as it was when it was listed.
class DroppedFile {
  public:
    std::string name;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0; ///< since 1970, by the clock of whoever set it
    /// When anything of the file changed last, by the clock of the file system: nobody can set it.
    /// Moving a file changes it, so == ignores it.
    std::int64_t changed_ns = 0;

    /// The earliest moment since when the file may be unchanged: a modification time in the future
    /// proves nothing.
    std::int64_t since_ns() const { return std::min(modified_ns, changed_ns); }
    bool operator==(const DroppedFile& other) const {
        return name == other.name && device == other.device && inode == other.inode &&
               size == other.size && modified_ns == other.modified_ns;
    }
};

/// The folder in which a HIS drops files, with done/ and rejected/ in it. All calls block; they may
/// come from any thread, one at a time. They throw std::system_error, with a text for an operator,
/// where the file system refuses.
class DropDirectory {
  public:
    /// Files whose names match `pattern` (fnmatch) and do not begin with a dot.
    DropDirectory(std::filesystem::path directory, std::string pattern);
    virtual ~DropDirectory();
    DropDirectory(const DropDirectory&) = delete;
    DropDirectory& operator=(const DropDirectory&) = delete;

    /// Regular files that match, no links: oldest first (a time in the future does not count), then
    /// by name. At most `limit`; the newest are left out.
    std::vector<DroppedFile> list(std::size_t limit);
    bool matches(const std::string& name) const;

    /// Makes done/ and rejected/ where they are missing, and tries whether files can be moved.
    void prepare();
    /// The time by the clock that sets the times of the folder's files, which may be another
    /// machine's. Needs prepare().
    std::int64_t now_ns();

    /// The file, if it is still as it was listed; a closed descriptor if it is gone or changed.
    base::Descriptor open(const DroppedFile& file);
    /// Whether the open file is still as it was listed.
    static bool is_unchanged(const base::Descriptor& open, const DroppedFile& file);

    /// Moves it to done/, durably. False, and nothing is moved, if the file was replaced or has
    /// grown. A name that exists already gets a number: `x.csv.1`.
    virtual bool move_to_done(const DroppedFile& file);
    /// Moves it to rejected/, with `reason` in a file beside it.
    virtual bool move_to_rejected(const DroppedFile& file, std::string_view reason);

    /// Deletes what was moved to done/ at least `age_ns` ago, at most `limit` files. Needs
    /// prepare(). How many were deleted.
    std::size_t delete_done(std::int64_t age_ns, std::size_t limit);
    /// Why files in done/ are never deleted; empty: they are. Others could have put theirs there.
    std::string kept_because() const;

    const std::filesystem::path& path() const { return directory_; }

  private:
    base::Descriptor open_folder(const char* name) const;
    bool may_have_been_moved(std::string_view name) const;
    bool move(const DroppedFile& file, const char* target, std::string_view reason);

    std::filesystem::path directory_;
    std::string pattern_;
    base::Descriptor folder_;
    base::Descriptor done_;
    base::Descriptor rejected_;
};

/// Reports at once what happens in a folder of this machine (inotify). It does not see what another
/// machine does in a folder of a network file system.
class ArrivalWatch {
  public:
    enum class Happening {
        renamed_into, ///< a file came under this name, as it is
        written,      ///< made, or closed after it was written
        unknown,      ///< too much happened: list the folder again
        ended,        ///< the folder is gone; nothing more will be reported
    };
    using Tell = std::function<void(Happening happening, const std::string& name)>;

    /// Throws std::system_error if the folder cannot be watched. Calls `tell` on the executor's
    /// thread.
    ArrivalWatch(const boost::asio::any_io_executor& executor,
                 const std::filesystem::path& directory, Tell tell);
    /// Calls `tell` no more.
    ~ArrivalWatch();
    ArrivalWatch(const ArrivalWatch&) = delete;
    ArrivalWatch& operator=(const ArrivalWatch&) = delete;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace medibridge::connectors
