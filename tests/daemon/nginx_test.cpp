#include "hospital.hpp"
#include "nginx.hpp"

#include "tests/base/http/certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

// A real nginx between medibridged and both sides: what it answers in their place, and what it does
// to connections, is not our own idea of a proxy.

namespace medibridge::tests {
namespace {

using http::Method;
using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

constexpr int patients = 300;

std::uint16_t port_of(const nlohmann::json& url) {
    const auto text = url.get<std::string>();
    const auto colon = text.rfind(':');
    return static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1)));
}

/// A hospital whose both sides are reached through nginx.
class BehindNginx : public testing::Test {
  protected:
    BehindNginx()
        : hospital({"--patients", std::to_string(patients), "--invalid-share", "0", "--duplicates",
                    "accept"}) {
        upstream.medicapp_upstream = port_of(hospital.addresses()["medicapp"]);
        upstream.his_upstream = port_of(hospital.addresses()["his"]);
    }

    /// Starts nginx, and points the configuration at it.
    void start(const std::string& more_of_medicapp = {}) {
        nginx = std::make_unique<Nginx>(hospital.directory(), upstream);
        auto text = read_file(hospital.config());
        for (const auto& [before, after] :
             {std::pair(hospital.addresses()["medicapp"].get<std::string>(),
                        nginx->medicapp_url() + more_of_medicapp),
              std::pair(hospital.addresses()["his"].get<std::string>(),
                        nginx->his_url() + more_of_his)}) {
            text.replace(text.find(before), before.size(), after);
        }
        write_file(hospital.config(), text + "sync: {overlap: 2s, max_changes: {ratio: 1}}\n");
    }

    /// Runs until one is complete: what got no clear answer is resolved by the next.
    Ended run_to_the_end(int most_runs = 4) {
        Ended ended;
        for (int i = 0; i < most_runs && ended.exit != 0; ++i)
            ended = hospital.once();
        EXPECT_EQ(ended.exit, 0) << ended.err << nginx->error_log();
        return ended;
    }

    /// Everybody is there once, with the e-mail address that the HIS has, and nothing is left.
    void expect_all_well() {
        const auto in_medicapp = hospital.medicapp_patients();
        EXPECT_EQ(in_medicapp.size(), static_cast<std::size_t>(patients));
        EXPECT_EQ(hospital.stats()["medicapp"]["duplicates"], 0);
        for (const auto& patient : hospital.his_patients()) {
            const auto& mail = patient["contact"]["mail"];
            const auto place = in_medicapp.find(patient["ipp"].get<std::string>());
            ASSERT_NE(place, in_medicapp.end()) << patient["ipp"];
            if (mail.is_string()) {
                EXPECT_EQ(place->second["email"], mail);
            }
        }
        hospital.reset_stats();
        EXPECT_EQ(hospital.once().exit, 0);
        EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["POST"], 0);
        EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["PUT"], 0);
    }

    /// A first load, edits, and what they come to.
    void load_and_edit() {
        run_to_the_end();
        hospital.control(Method::post, "/his/edit?count=80");
        run_to_the_end();
        expect_all_well();
    }

    Hospital hospital;
    Nginx::Settings upstream;
    std::unique_ptr<Nginx> nginx;
    std::string more_of_his;
};

TEST_F(BehindNginx, KeptConnectionsThatThePeerClosesCostNothing) {
    upstream.http = "keepalive_requests 3; keepalive_timeout 1s;";
    start();
    load_and_edit();
}

TEST_F(BehindNginx, NoKeepAliveAtAll) {
    upstream.http = "keepalive_timeout 0;";
    start();
    load_and_edit();
}

TEST_F(BehindNginx, A502ForAWriteThatTookEffectIsResolved) {
    start();
    hospital.set_faults({"POST:10-15:close-after", "POST:40-42:reset-after", "PUT:5-7:close-after",
                         "LIST:2:close-before", "his/LIST:2:reset-before"});
    load_and_edit();
    EXPECT_THAT(nginx->error_log(), HasSubstr("upstream prematurely closed connection"));
}

TEST_F(BehindNginx, A504ForAWriteThatTookEffectIsResolved) {
    upstream.location = "proxy_read_timeout 300ms;";
    start();
    hospital.set_faults({"POST:20-24:slow=700", "PUT:5-8:slow=700", "his/LIST:1:slow=700"});
    load_and_edit();
    EXPECT_THAT(nginx->error_log(), HasSubstr("upstream timed out"));
}

TEST_F(BehindNginx, AnUpstreamThatIsDownForAWhileLosesNothing) {
    start();
    const auto right = upstream;
    auto down = upstream;
    down.medicapp_upstream = free_port();
    hospital.set_faults({"POST:1+:slow=5"});
    const auto run = hospital.start({"--once", "--output", "json"});
    wait_until(*run,
               [&] { return hospital.stats()["medicapp"]["patients"].get<int>() > patients / 4; });
    nginx->reload(down);
    wait_until(*run, [&] { return said(*run, "medicapp.unavailable"); });
    EXPECT_THAT(run->err(), HasSubstr("502"));
    nginx->reload(right);
    run->wait();
    hospital.set_faults({});
    load_and_edit();
}

TEST_F(BehindNginx, ReloadsDuringALoadAreNotNoticed) {
    start();
    hospital.set_faults({"POST:1+:slow=10"});
    const auto run = hospital.start({"--once", "--output", "json"});
    for (int at = 30; at < patients; at += 60) {
        wait_until(*run, [&] { return hospital.stats()["medicapp"]["patients"].get<int>() >= at; });
        nginx->reload(upstream);
    }
    EXPECT_EQ(run->wait(), 0) << run->err();
    EXPECT_FALSE(said(*run, "medicapp.unavailable"));
    hospital.set_faults({});
    load_and_edit();
}

TEST_F(BehindNginx, AnswersInChunksAreWhole) {
    // Whatever rewrites a body has to send it in chunks, its length being unknown.
    upstream.location = "sub_filter_types application/json; sub_filter 'never there' ''; "
                        "proxy_buffer_size 4k; proxy_buffers 8 4k;";
    start();
    const auto list = fetch(nginx->his_url(), Method::get);
    EXPECT_THAT(list.headers, Contains(Pair("Transfer-Encoding", "chunked")));
    load_and_edit();
}

TEST_F(BehindNginx, BodiesThatTheProxyKeepsInFilesArrive) {
    upstream.location = "client_body_in_file_only clean; client_body_buffer_size 64;";
    start();
    load_and_edit();
}

void write_pem(const std::filesystem::path& file, const std::function<int(BIO*)>& write) {
    const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new_file(file.c_str(), "w"), BIO_free);
    ASSERT_TRUE(out && write(out.get()) == 1) << file;
}

TEST_F(BehindNginx, TlsWithAnAuthorityOfItsOwn) {
    const http::test::Authority authority;
    const auto identity = authority.issue("IP:127.0.0.1");
    upstream.certificate = hospital.directory() / "nginx.pem";
    upstream.key = hospital.directory() / "nginx-key.pem";
    write_pem(upstream.certificate,
              [&](BIO* out) { return PEM_write_bio_X509(out, identity.certificate.get()); });
    write_pem(upstream.key, [&](BIO* out) {
        return PEM_write_bio_PrivateKey(out, identity.key.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr);
    });
    upstream.http = "keepalive_requests 5; ssl_session_cache none;";
    more_of_his = "\n    ca_file: " + authority.ca_file();
    start("\n  ca_file: " + authority.ca_file());
    load_and_edit();
}

} // namespace
} // namespace medibridge::tests
