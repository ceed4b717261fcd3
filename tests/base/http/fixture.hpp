#pragma once

#include "base/http/client.hpp"
#include "server.hpp"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <gtest/gtest.h>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::http::test {

Request get(const std::string& target = "/");
Request post(const std::string& body = "{}", const std::string& target = "/");

/// A request under way; empty until its result is there.
using Pending = std::shared_ptr<std::optional<Result>>;

/// Client and servers on one io_context, which must have nothing left to do at the end.
class HttpTest : public ::testing::Test {
  protected:
    void TearDown() override;

    Server& serve(std::vector<Script> scripts,
                  std::shared_ptr<boost::asio::ssl::context> tls = nullptr);
    /// Settings for a client of `server`.
    static ClientSettings settings_for(const Server& server);
    void connect(ClientSettings settings);

    Pending start(Request request);
    /// Runs until `reached` holds; fails the test if that takes unreasonably long.
    void run_until(const std::function<bool()>& reached);
    Result finish(const Pending& pending);
    Result send(Request request) { return finish(start(std::move(request))); }

    boost::asio::io_context io_{1};
    std::list<Server> servers_;
    std::unique_ptr<Client> client_;
};

/// Fails the test unless `result` is an error of that kind.
void expect_error(const Result& result, ErrorKind kind, bool maybe_executed);
/// Fails the test unless `result` is that answer.
void expect_answer(const Result& result, int status, const std::string& body);

} // namespace medibridge::http::test
