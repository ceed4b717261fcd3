#pragma once

#include "base/bytes/descriptor.hpp"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

/// The one place where files are opened. Whatever stands at a path (a pipe, a device, a directory,
/// a link), no call waits for it, empties it or writes through it: only a regular file that may be
/// what it is taken for is opened. Everything is closed on exec.
namespace medibridge::files {

/// Why a file is not used.
class Fault {
  public:
    Fault() = default;
    Fault(int its_error, std::string its_text) : error(its_error), text(std::move(its_text)) {}

    /// errno of the call that failed; 0: what stands there is not to be used.
    int error = 0;
    /// For an operator: what is wrong and how to fix it, as words that follow the file's name.
    std::string text;
};

template <class T>
using Result = std::expected<T, Fault>;

/// A path, or a name in a directory that is open and outlives the place.
class Place {
  public:
    Place(std::string path);
    Place(const char* path) : Place(std::string(path)) {}
    Place(const std::filesystem::path& path) : Place(path.string()) {}
    Place(const base::Descriptor& directory, std::string name)
        : directory_(directory.number()),
          name_(std::move(name)) {}

    int directory() const { return directory_; }
    const std::string& name() const { return name_; }

  private:
    int directory_;
    std::string name_;
};

enum class Access { read, append, read_and_write };

/// A file that somebody hands over to be read: the configuration, a secret, a certificate. Links
/// are followed, as Kubernetes, /etc/alternatives and certificate tools put them there; what they
/// lead to must be a regular file.
Result<base::Descriptor> open_given(const Place& place);

/// A file that somebody dropped among others: a regular file, and no symbolic link.
Result<base::Descriptor> open_dropped(const Place& place);

/// A file of the program's own: a regular file with no other name, of this process's user or root,
/// and no symbolic link.
Result<base::Descriptor> open_own(const Place& place, Access access);

/// A new file with exactly these permissions. Nothing that exists is touched: `error` is EEXIST.
Result<base::Descriptor> make_file(const Place& place, std::uint32_t mode);

/// open_own(), or make_file() with mode 0600 where there is nothing.
Result<base::Descriptor> open_or_make_own(const Place& place, Access access);

/// A directory, to be listed or made durable; symbolic links on the way and at its end are
/// followed.
Result<base::Descriptor> open_directory(const Place& place);
/// The same, but not through a symbolic link at its end.
Result<base::Descriptor> open_own_directory(const Place& place);

} // namespace medibridge::files
