#pragma once

#include "base/http/server.hpp"
#include "base/runtime/concurrency.hpp"
#include "unix_client.hpp"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <thread>

namespace medibridge::http::test {

/// A server in a thread of its own, with a handler for each thing that tests ask for:
/// `/echo` says what was asked; `/lines/N` gives N lines; `/endless` gives lines until the client
/// has gone; `/hold` answers once it is let go; `/throw`, `/throw-late` and `/nothing` fail.
class UnixServerTest : public ::testing::Test {
  protected:
    UnixServerTest();
    ~UnixServerTest() override;

    void TearDown() override;

    /// Listens with those settings.
    void start(ServerSettings settings = {});
    /// Runs a task on the server's thread, to its end.
    void await(std::function<runtime::Task<void>()> task);
    void call(const std::function<void()>& function);
    /// Ends `/hold`.
    void let_go();
    void stop();

    boost::asio::any_io_executor server_executor() { return io_.get_executor(); }
    UnixClient connect() const { return UnixClient(path_); }
    /// The whole answer to one request on a connection of its own.
    std::string ask(const std::string& request) const;
    const std::filesystem::path& path() const { return path_; }
    bool wait_until(const std::function<bool()>& holds) const;

    std::unique_ptr<Server> server_;
    std::atomic<int> holding_ = 0; ///< handlers of `/hold` under way
    std::atomic<int> left_ = 0;    ///< handlers of `/endless` that know that the client has gone

  private:
    runtime::Task<void> handle(const ServerRequest& request, ResponseWriter& writer);

    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    runtime::Signal release_;
    bool released_ = false;
    std::filesystem::path directory_;
    std::filesystem::path path_;
    std::thread thread_;
};

} // namespace medibridge::http::test
