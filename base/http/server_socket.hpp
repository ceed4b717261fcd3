#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <filesystem>
#include <string>

/// Internal to the room: the socket that a server listens on.
namespace medibridge::http {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

class Listener {
  public:
    explicit Listener(const boost::asio::any_io_executor& executor) : acceptor_(executor) {}
    virtual ~Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    Acceptor& acceptor() { return acceptor_; }

  private:
    Acceptor acceptor_;
};

/// A TCP port.
class TcpListener final : public Listener {
  public:
    /// Throws std::runtime_error as Server::listen does.
    TcpListener(const boost::asio::any_io_executor& executor, const std::string& host,
                std::uint16_t port);
    std::uint16_t port() const { return port_; }

  private:
    std::uint16_t port_ = 0;
};

/// A listening socket and its name in the file system, which goes with it.
class UnixListener final : public Listener {
  public:
    /// Throws std::runtime_error as Server::listen does.
    UnixListener(const boost::asio::any_io_executor& executor, std::filesystem::path path);
    ~UnixListener() override;

    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
    std::uint64_t device_ = 0; ///< of the name: another one's is left alone
    std::uint64_t inode_ = 0;
};

} // namespace medibridge::http
