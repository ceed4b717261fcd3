#include "simulated_his.hpp"
#include "source_environment.hpp"

#include "base/runtime/clock.hpp"
#include "connectors/rest/kind.hpp"

#include <boost/asio.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace medibridge::connectors {
namespace {

using tcp = boost::asio::ip::tcp;

/// Answers each request on one connection with the next of its texts, then closes.
void serve(tcp::acceptor& acceptor, std::vector<std::string> bodies, std::string& asked) {
    tcp::socket socket = acceptor.accept();
    std::string buffer;
    for (const auto& body : bodies) {
        const auto end =
            boost::asio::read_until(socket, boost::asio::dynamic_buffer(buffer), "\r\n\r\n");
        asked += buffer.substr(0, end);
        buffer.erase(0, end);
        const auto answer =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body;
        boost::asio::write(socket, boost::asio::buffer(answer));
    }
}

runtime::Task<void> read_every_page(SourceReading& reading, Pass& pass) {
    for (bool last = false; !last;) {
        auto page = co_await reading.next();
        if (!page) pass.error = page.error();
        last = !page || page->last;
        if (page) {
            for (auto& record : page->records)
                pass.records.push_back(std::move(record));
        }
    }
}

TEST(RestClientTest, ReadsAHisOverASocket) {
    boost::asio::io_context server;
    tcp::acceptor acceptor(server, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    std::string asked;
    const std::vector<std::string> bodies = {
        list_json({patient_json("1"), patient_json("2")}, "\"pages\":2"),
        list_json({patient_json("3")}, "\"pages\":2")};
    std::thread thread([&] { serve(acceptor, bodies, asked); });

    auto settings = simple_settings();
    settings.url = {"http", "127.0.0.1", acceptor.local_endpoint().port(), "/api/patients"};
    settings.total_pages = "/pages";
    settings.auth = config::BearerAuth{config::Secret("token")};
    settings.transport.timeout = std::chrono::seconds(10);
    boost::asio::io_context context{1};
    Pass pass;
    {
        runtime::SteadyClock clock(context.get_executor());
        KeptLog log;
        const auto source = rest_kind().make(
            settings, tests::source_environment("dpi", context.get_executor(), clock, log));
        const auto reading = source->read(std::nullopt);
        boost::asio::co_spawn(context, read_every_page(*reading, pass),
                              [&](std::exception_ptr error) {
                                  pass.proven = !error && reading->proven();
                                  context.stop(); // the client keeps its connection open
                              });
        context.run();
        EXPECT_EQ(source->requests(), 2);
        EXPECT_EQ(source->name(), "dpi");
        source->cancel();
    }
    thread.join();
    EXPECT_FALSE(pass.error);
    EXPECT_THAT(pass.ids(), testing::ElementsAre("1", "2", "3"));
    EXPECT_THAT(asked, testing::HasSubstr("GET /api/patients?page=2&taille=2 HTTP/1.1\r\n"));
    EXPECT_THAT(asked, testing::HasSubstr("Authorization: Bearer token\r\n"));
}

} // namespace
} // namespace medibridge::connectors
