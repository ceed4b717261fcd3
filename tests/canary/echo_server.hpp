#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <thread>

namespace medibridge::tests {

/// A server that says what it was told in everything that it answers: Medicapp below `/v5`, and
/// else a HIS. No two answers to a write, or to the HIS's list, fail alike; every other list of the
/// HIS shows patients. `told` stands in what is not an echo.
class EchoServer {
  public:
    explicit EchoServer(std::string told);
    ~EchoServer();
    EchoServer(const EchoServer&) = delete;
    EchoServer& operator=(const EchoServer&) = delete;

    std::string address() const;
    int writes() const { return writes_; }
    int lists() const { return lists_; }

  private:
    void serve(boost::asio::ip::tcp::socket& socket);
    std::string answer_to(const std::string& request);

    std::string told_;
    boost::asio::io_context io_{1};
    boost::asio::ip::tcp::acceptor acceptor_;
    std::atomic<bool> ended_ = false;
    std::atomic<int> writes_ = 0;
    std::atomic<int> lists_ = 0;
    std::thread thread_;
};

} // namespace medibridge::tests
