#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace medibridge::connectors {

/// Tells at once what happens in a folder of this machine (inotify). What another machine does in a
/// folder of a network file system is not told.
class ArrivalWatch {
  public:
    enum class Happening {
        renamed_into, ///< a file came under this name, as it is
        written,      ///< made, or closed after it was written
        unknown,      ///< too much happened to tell: look at the whole folder
        ended,        ///< the folder is gone, and nothing more will be told
    };
    using Tell = std::function<void(Happening happening, const std::string& name)>;

    /// Throws std::system_error where the folder cannot be watched. `tell` is called on the
    /// executor's thread.
    ArrivalWatch(const boost::asio::any_io_executor& executor,
                 const std::filesystem::path& directory, Tell tell);
    /// Nothing is told any more.
    ~ArrivalWatch();
    ArrivalWatch(const ArrivalWatch&) = delete;
    ArrivalWatch& operator=(const ArrivalWatch&) = delete;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace medibridge::connectors
