#include "certificates.hpp"
#include "fixture.hpp"
#include "lookup.hpp"

#include <boost/asio/connect.hpp>
#include <cerrno>
#include <optional>

/// Time limit and cancellation, wherever a request happens to be.
namespace medibridge::http::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Where a request stops making progress.
enum class Stage { queue, resolve, connect, tunnel, handshake, send, await, header, body };

struct StageName {
    Stage stage;
    const char* name;
    bool maybe_executed;
};
void PrintTo(const StageName& stage, std::ostream* out) {
    *out << stage.name;
}

constexpr StageName stages[] = {
    {Stage::queue, "Queue", false},
    {Stage::resolve, "Resolve", false},
    {Stage::connect, "Connect", false},
    {Stage::tunnel, "Tunnel", false},
    {Stage::handshake, "Handshake", false},
    {Stage::send, "Send", false},
    {Stage::await, "Await", true},
    {Stage::header, "Header", true},
    {Stage::body, "Body", true},
};

/// A port that neither accepts nor refuses: its queue is full.
class FullPort {
  public:
    FullPort(asio::io_context& io, const std::string& address, std::uint16_t port)
        : acceptor_(io, tcp::endpoint(asio::ip::make_address(address), port)),
          fillers_{tcp::socket(io), tcp::socket(io), tcp::socket(io)} {
        acceptor_.listen(0);
        const tcp::endpoint self = acceptor_.local_endpoint();
        for (tcp::socket& filler : fillers_) {
            filler.open(tcp::v4());
            filler.native_non_blocking(true);
            // Asio's own would wait for the outcome.
            const int outcome =
                ::connect(filler.native_handle(), self.data(), static_cast<socklen_t>(self.size()));
            EXPECT_TRUE(outcome == 0 || errno == EINPROGRESS);
        }
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  private:
    tcp::acceptor acceptor_;
    std::array<tcp::socket, 3> fillers_;
};

class StageTest : public HttpTest, public ::testing::WithParamInterface<StageName> {
  protected:
    void TearDown() override {
        lookup_.unblock();
        full_.reset();
        HttpTest::TearDown();
    }

    /// Settings for a client whose request gets stuck where the parameter says.
    ClientSettings stuck_settings() {
        const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n";
        switch (GetParam().stage) {
        case Stage::queue: {
            ClientSettings settings = settings_for(serve({{expect(), hang()}}));
            settings.connections = 1;
            return settings;
        }
        case Stage::resolve: {
            lookup_.block();
            ClientSettings settings = settings_for(serve({{echo()}}));
            settings.origin.host = "his.test";
            return settings;
        }
        case Stage::connect: {
            full_.emplace(io_, "127.0.0.1", 0);
            ClientSettings settings;
            settings.origin = Url{"http", "127.0.0.1", full_->port(), ""};
            return settings;
        }
        case Stage::tunnel: {
            ClientSettings settings = settings_for(serve({{expect(), hang()}}));
            settings.proxy = Proxy(settings.origin);
            settings.origin.scheme = "https";
            return settings;
        }
        case Stage::handshake: {
            ClientSettings settings = settings_for(serve({{swallow(1), hang()}}));
            settings.origin.scheme = "https";
            return settings;
        }
        case Stage::send:
            return settings_for(serve({{swallow(1), hang()}}));
        case Stage::await:
            return settings_for(serve({{expect(), hang()}}));
        case Stage::header:
            return settings_for(serve({{expect(), say(head), hang()}}));
        case Stage::body:
            return settings_for(serve({{expect(), say(head + "\r\nabc"), hang()}}));
        }
        return {};
    }

    Pending start_stuck() {
        if (GetParam().stage == Stage::queue) first_ = start(get("/"));
        return start(post(GetParam().stage == Stage::send ? std::string(20u << 20, 'x') : "{}"));
    }

    void run_until_stuck() {
        if (GetParam().stage == Stage::resolve) {
            // The look-up's thread does not tell the io_context that it has begun.
            while (lookup_.asked() == 0)
                io_.poll();
        } else if (GetParam().stage != Stage::connect) {
            run_until([&] { return servers_.front().played() == 1; });
        }
        io_.poll();
    }

    Lookup lookup_;
    std::optional<FullPort> full_;
    Pending first_; ///< the one that others wait for
};

TEST_P(StageTest, EndsWhenTheTimeIsUp) {
    constexpr auto limit = std::chrono::milliseconds(100);
    ClientSettings settings = stuck_settings();
    settings.timeout = limit;
    connect(settings);
    const auto began = std::chrono::steady_clock::now();
    const Result result = finish(start_stuck());
    const auto took = std::chrono::steady_clock::now() - began;
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::timeout);
    // The time of the one that it waits for in the queue is up at nearly the same moment, which may
    // let it through.
    if (GetParam().stage != Stage::queue)
        EXPECT_EQ(result.error().maybe_executed, GetParam().maybe_executed);
    EXPECT_GE(took, limit);
    EXPECT_LT(took, limit + std::chrono::seconds(10)) << "on a machine that does much besides";
    EXPECT_NE(result.error().what.find("100 ms"), std::string::npos) << result.error().what;
}

TEST_P(StageTest, EndsAtOnceWhenCancelled) {
    connect(stuck_settings());
    const Pending pending = start_stuck();
    run_until_stuck();
    ASSERT_FALSE(pending->has_value());
    const auto began = std::chrono::steady_clock::now();
    client_->cancel();
    expect_error(finish(pending), ErrorKind::cancelled, GetParam().maybe_executed);
    if (first_) expect_error(finish(first_), ErrorKind::cancelled, true);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
}

TEST_P(StageTest, EndsAtOnceWhenTheClientIsDestroyed) {
    connect(stuck_settings());
    const Pending pending = start_stuck();
    run_until_stuck();
    client_.reset();
    expect_error(finish(pending), ErrorKind::cancelled, GetParam().maybe_executed);
}

INSTANTIATE_TEST_SUITE_P(All, StageTest, ::testing::ValuesIn(stages),
                         [](const auto& param) { return param.param.name; });

class DeadlineTest : public HttpTest {};

TEST_F(DeadlineTest, HoldsForTheWholeRequestHoweverItDrips) {
    const std::string slow = answer(200, std::string(1000, 'x'));
    ClientSettings settings = settings_for(serve({{expect(), drip(slow, 10)}}));
    settings.timeout = runtime::Duration(150);
    connect(settings);
    expect_error(send(post()), ErrorKind::timeout, true);
}

TEST_F(DeadlineTest, AConnectionThatTimedOutIsNotUsedAgain) {
    Server& server = serve({{expect(), hang()}, {echo()}});
    ClientSettings settings = settings_for(server);
    settings.timeout = runtime::Duration(100);
    connect(settings);
    expect_error(send(get("/")), ErrorKind::timeout, true);
    expect_answer(send(post("x")), 200, "/\r\nx");
    EXPECT_EQ(server.accepted(), 2);
}

TEST_F(DeadlineTest, EachRequestHasItsOwn) {
    Server& server = serve({{expect(), hang()}, {echo()}});
    ClientSettings settings = settings_for(server);
    settings.timeout = runtime::Duration(200);
    connect(settings);
    const Pending stuck = start(get("/stuck"));
    run_until([&] { return server.requests().size() == 1; });
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; !stuck->has_value(); ++i)
        expect_answer(send(post(std::to_string(i))), 200, "/\r\n" + std::to_string(i));
    expect_error(**stuck, ErrorKind::timeout, true);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
    const Pending again = start(get("/again"));
    EXPECT_TRUE(finish(again)) << "the timer was not set again";
}

TEST_F(DeadlineTest, HoldsForALaterRequestAfterTheFirstOnesTimeHasPassed) {
    const std::string slow = answer(200, std::string(20, 'x'));
    ClientSettings settings = settings_for(serve({{expect(), drip(slow, 1)}, {expect(), hang()}}));
    settings.timeout = runtime::Duration(1'000);
    connect(settings);
    const Pending first = start(get("/first"));
    run_until([&] { return servers_.front().requests().size() == 1; });
    io_.run_for(std::chrono::milliseconds(20));
    const Pending later = start(get("/later"));
    expect_answer(finish(first), 200, std::string(20, 'x'));
    expect_error(finish(later), ErrorKind::timeout, true);
}

TEST_F(DeadlineTest, OneAddressThatSwallowsEverythingDoesNotCostTheOthersTheirTime) {
    Lookup lookup;
    Server& server = serve({{echo()}});
    const FullPort full(io_, "127.0.0.2", server.port());
    lookup.answer({"127.0.0.2", "127.0.0.1"});
    ClientSettings settings = settings_for(server);
    settings.origin.host = "his.test";
    settings.timeout = runtime::Duration(400);
    connect(settings);
    expect_answer(send(post("x")), 200, "/\r\nx");
}

class CancelTest : public HttpTest {};

TEST_F(CancelTest, EndsAllRequestsAlsoThoseThatWaitForAConnection) {
    Server& server = serve({{expect(), hang()}});
    connect(settings_for(server));
    std::vector<Pending> pending;
    for (int i = 0; i < 100; ++i)
        pending.push_back(start(post()));
    run_until([&] { return server.requests().size() == 8; });
    client_->cancel();
    int maybe_executed = 0;
    for (const Pending& each : pending) {
        const Result result = finish(each);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::cancelled);
        maybe_executed += result.error().maybe_executed ? 1 : 0;
    }
    EXPECT_EQ(maybe_executed, 8);
    EXPECT_EQ(server.accepted(), 8);
}

TEST_F(CancelTest, RefusesRequestsThatComeLater) {
    Server& server = serve({{echo()}});
    connect(settings_for(server));
    EXPECT_TRUE(send(post()));
    client_->cancel();
    expect_error(send(post()), ErrorKind::cancelled, false);
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(CancelTest, ClosesIdleConnections) {
    Server& server = serve({{echo()}});
    connect(settings_for(server));
    EXPECT_TRUE(send(post()));
    EXPECT_EQ(server.open(), 1);
    client_->cancel();
    run_until([&] { return server.open() == 0; });
}

} // namespace
} // namespace medibridge::http::test
