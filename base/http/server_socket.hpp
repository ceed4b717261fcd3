#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstdint>
#include <filesystem>

/// Internal to the room: the Unix socket that a server listens on.
namespace medibridge::http {

/// A listening socket and its name in the file system, which goes with it.
class UnixListener {
  public:
    /// Throws std::runtime_error as Server::listen does.
    UnixListener(const boost::asio::any_io_executor& executor, std::filesystem::path path);
    ~UnixListener();
    UnixListener(const UnixListener&) = delete;
    UnixListener& operator=(const UnixListener&) = delete;

    boost::asio::local::stream_protocol::acceptor& acceptor() { return acceptor_; }
    const std::filesystem::path& path() const { return path_; }

  private:
    boost::asio::local::stream_protocol::acceptor acceptor_;
    std::filesystem::path path_;
    std::uint64_t device_ = 0; ///< of the name: another one's is left alone
    std::uint64_t inode_ = 0;
};

} // namespace medibridge::http
