#include "fixture.hpp"
#include "lookup.hpp"

#include <boost/asio/co_spawn.hpp>

namespace medibridge::http::test {
namespace {

class ResolverTest : public HttpTest {
  protected:
    ClientSettings settings_for_name(const Server& server) {
        ClientSettings settings = settings_for(server);
        settings.origin.host = "his.test";
        return settings;
    }
    void TearDown() override {
        lookup_.unblock();
        HttpTest::TearDown();
    }

    Lookup lookup_;
};

TEST_F(ResolverTest, AnUnknownNameWasNotExecuted) {
    connect(settings_for_name(serve({{echo()}})));
    const Result result = send(post());
    expect_error(result, ErrorKind::resolve, false);
    EXPECT_NE(result.error().what.find("his.test"), std::string::npos) << result.error().what;
}

TEST_F(ResolverTest, ANameIsLookedUpAgainForEachConnectionButNotForEachRequest) {
    lookup_.answer({"127.0.0.1"});
    const Script script = {expect(), say(answer(200, "x")), expect(),
                           say(answer(200, "x", "Connection: close\r\n"))};
    connect(settings_for_name(serve({script})));
    for (int i = 0; i < 4; ++i)
        expect_answer(send(post()), 200, "x");
    EXPECT_EQ(lookup_.asked(), 2);
}

TEST_F(ResolverTest, TriesEveryAddress) {
    // Nothing listens at the first: the server is bound to 127.0.0.1 only.
    lookup_.answer({"127.0.0.9", "::1", "127.0.0.1"});
    connect(settings_for_name(serve({{echo()}})));
    expect_answer(send(post("x")), 200, "/\r\nx");
}

TEST_F(ResolverTest, ConnectionsThatOpenAtTheSameTimeShareALookUp) {
    lookup_.answer({"127.0.0.1"});
    lookup_.block();
    connect(settings_for_name(serve({{echo()}})));
    std::vector<Pending> pending;
    for (int i = 0; i < 8; ++i)
        pending.push_back(start(post("x")));
    while (lookup_.asked() == 0)
        io_.poll();
    lookup_.unblock();
    for (const Pending& each : pending)
        expect_answer(finish(each), 200, "/\r\nx");
    EXPECT_EQ(lookup_.asked(), 1);
}

TEST_F(ResolverTest, ALookUpThatDoesNotReturnIsAbandoned) {
    lookup_.block();
    ClientSettings settings = settings_for_name(serve({{echo()}}));
    settings.timeout = runtime::Duration(50);
    connect(settings);
    for (int i = 0; i < 3; ++i)
        expect_error(send(post()), ErrorKind::timeout, false);
    EXPECT_EQ(lookup_.asked(), 1) << "look-ups that do not return must not pile up";
    servers_.front().stop();
    client_.reset();
    io_.run_for(std::chrono::seconds(10));
    EXPECT_TRUE(io_.stopped()) << "an abandoned look-up keeps the io_context busy";
}

TEST_F(ResolverTest, AnAbandonedLookUpServesThoseWhoComeLater) {
    lookup_.answer({"127.0.0.1"});
    lookup_.block();
    ClientSettings settings = settings_for_name(serve({{echo()}}));
    settings.timeout = runtime::Duration(50);
    connect(settings);
    expect_error(send(post()), ErrorKind::timeout, false);
    lookup_.unblock();
    // The next may still join the one that was abandoned, or start its own.
    expect_answer(send(post("x")), 200, "/\r\nx");
}

TEST(ResolverLifetimeTest, ALookUpMayOutliveTheIoContext) {
    Lookup lookup;
    lookup.block();
    {
        boost::asio::io_context io(1);
        ClientSettings settings;
        settings.origin = *parse_url("http://his.test/");
        Client client(io.get_executor(), settings);
        boost::asio::co_spawn(io, client.send(get("/")), [](std::exception_ptr, const Result&) {});
        while (lookup.asked() == 0)
            io.poll();
    }
    // ~Lookup lets the thread go on, to find nobody there.
}

} // namespace
} // namespace medibridge::http::test
