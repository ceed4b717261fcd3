#include "control/monitoring/pages.hpp"
#include "full_snapshot.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace medibridge::monitoring {
namespace {

class Writer final : public http::ResponseWriter {
  public:
    runtime::Task<void> answer(int its_status, std::string_view, std::string its_body) override {
        status = its_status;
        body = std::move(its_body);
        co_return;
    }
    runtime::Task<void> begin(std::string_view) override { co_return; }
    runtime::Task<bool> line(std::string) override { co_return false; }
    bool gone() const override { return false; }
    bool begun() const override { return false; }

    int status = 0;
    std::string body;
};

int status_of(const std::string& method, const std::string& host, const std::string& path,
              bool is_ready = true) {
    auto snapshot = test::full_snapshot();
    snapshot.is_installed = is_ready;
    Pages pages([&] { return snapshot; });
    pages.answer_to({"monitored.hospital.example"});
    http::ServerRequest request;
    request.method = method;
    request.host = host;
    request.path = {path};
    Writer writer;
    boost::asio::io_context io;
    boost::asio::co_spawn(io, pages.handle(request, writer), boost::asio::detached);
    io.run();
    EXPECT_FALSE(writer.body.empty());
    return writer.status;
}

TEST(Pages, AreForWhoNamesThisServer) {
    for (const char* host :
         {"127.0.0.1", "10.2.3.4", "::1", "localhost", "monitored.hospital.example"})
        EXPECT_EQ(status_of("GET", host, "metrics"), 200) << host;
    for (const char* host : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                             "hospital.example", "[::1]", "127.0.0"})
        for (const char* path : {"healthz", "readyz", "metrics"})
            EXPECT_EQ(status_of("GET", host, path), 421) << host;
}

TEST(Pages, AreThreeAndReadOnly) {
    for (const char* path : {"healthz", "readyz", "metrics"}) {
        EXPECT_EQ(status_of("HEAD", "localhost", path), 200);
        for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "get"})
            EXPECT_EQ(status_of(method, "localhost", path), 405) << method;
    }
    EXPECT_EQ(status_of("GET", "localhost", ""), 404);
    EXPECT_EQ(status_of("GET", "localhost", "v1"), 404);
}

TEST(Pages, OnlyReadinessDependsOnTheWork) {
    EXPECT_EQ(status_of("GET", "localhost", "readyz", false), 503);
    EXPECT_EQ(status_of("GET", "localhost", "healthz", false), 200);
    EXPECT_EQ(status_of("GET", "localhost", "metrics", false), 200);
}

} // namespace
} // namespace medibridge::monitoring
