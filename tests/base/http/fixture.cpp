#include "fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace medibridge::http::test {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds unreasonably_long{20};

runtime::Task<void> store(Client& client, Request request, Pending pending) {
    Result result = co_await client.send(std::move(request));
    pending->emplace(std::move(result));
}

} // namespace

Request get(const std::string& target) {
    return Request(Method::get, target);
}

Request post(const std::string& body, const std::string& target) {
    Request request(Method::post, target);
    request.body = body;
    return request;
}

void HttpTest::TearDown() {
    client_.reset();
    for (Server& server : servers_)
        server.stop();
    if (io_.stopped()) io_.restart();
    io_.run_for(unreasonably_long);
    EXPECT_TRUE(io_.stopped()) << "something is left to wait for";
}

Server& HttpTest::serve(std::vector<Script> scripts, std::shared_ptr<asio::ssl::context> tls) {
    return servers_.emplace_back(io_, std::move(scripts), std::move(tls));
}

ClientSettings HttpTest::settings_for(const Server& server) {
    ClientSettings settings;
    settings.origin = server.url();
    return settings;
}

void HttpTest::connect(ClientSettings settings) {
    client_ = std::make_unique<Client>(io_.get_executor(), std::move(settings));
}

Pending HttpTest::start(Request request) {
    auto pending = std::make_shared<std::optional<Result>>();
    asio::co_spawn(io_, store(*client_, std::move(request), pending), asio::detached);
    return pending;
}

void HttpTest::run_until(const std::function<bool()>& reached) {
    const auto end = std::chrono::steady_clock::now() + unreasonably_long;
    if (io_.stopped()) io_.restart();
    while (!reached()) {
        const auto left = end - std::chrono::steady_clock::now();
        ASSERT_GT(left.count(), 0) << "waited in vain";
        ASSERT_GT(io_.run_one_for(left), 0u) << "waited in vain";
    }
}

Result HttpTest::finish(const Pending& pending) {
    run_until([&] { return pending->has_value(); });
    if (!pending->has_value())
        return std::unexpected(Error(ErrorKind::cancelled, true, "no result"));
    return std::move(**pending);
}

void expect_error(const Result& result, ErrorKind kind, bool maybe_executed) {
    ASSERT_FALSE(result) << "answered " << result->status << " " << result->body;
    EXPECT_EQ(name(result.error().kind), name(kind)) << result.error().what;
    EXPECT_EQ(result.error().maybe_executed, maybe_executed) << result.error().what;
    EXPECT_FALSE(result.error().what.empty());
}

void expect_answer(const Result& result, int status, const std::string& body) {
    ASSERT_TRUE(result.has_value()) << name(result.error().kind) << ": " << result.error().what;
    EXPECT_EQ(result->status, status);
    EXPECT_EQ(result->body, body);
}

} // namespace medibridge::http::test
