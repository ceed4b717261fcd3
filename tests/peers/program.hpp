#pragma once

#include <filesystem>
#include <sys/types.h>

namespace medibridge::tests {

/// The program medibridge-peers, begun as systemd begins it: with a listening socket as its
/// standard input. It ends with the object.
class PeersProgram {
  public:
    /// Listens at `where`. Throws std::runtime_error where that cannot be done.
    explicit PeersProgram(std::filesystem::path where);
    ~PeersProgram();
    PeersProgram(const PeersProgram&) = delete;
    PeersProgram& operator=(const PeersProgram&) = delete;

    /// kill -9: questions wait at the socket, as at systemd's, until again().
    void kill();
    void again();
    pid_t pid() const { return pid_; }
    const std::filesystem::path& where() const { return where_; }

  private:
    std::filesystem::path where_;
    int listener_ = -1;
    pid_t pid_ = -1;
};

} // namespace medibridge::tests
