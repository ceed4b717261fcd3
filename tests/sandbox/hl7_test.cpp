#include "running_sandbox.hpp"

#include "sandbox/hl7_text.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::sandbox {
namespace {

namespace asio = boost::asio;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// The store's only patient, with a name that has delimiters in it.
HisDraft draft() {
    HisDraft draft;
    draft.texts[his_field::ipp] = "77";
    draft.texts[his_field::birth_name] = "D'A|B&C";
    draft.texts[his_field::given_names] = "Chloé\nAnne";
    draft.texts[his_field::birth_date] = "31/12/1980";
    draft.texts[his_field::sex] = "2";
    draft.texts[his_field::mobile] = "06 39 98 00 01";
    draft.texts[his_field::city] = "Sète";
    draft.texts[his_field::country] = "FR";
    draft.modified = 1'780'000'000'000;
    return draft;
}

TEST(SandboxHl7TextTest, APatientIsToldAsTheFrenchProfileHasIt) {
    HisStore store;
    const auto slot = store.put(draft());
    const auto first = adt_message(store[slot], true, 5, 1'780'000'000'000);
    EXPECT_THAT(first, AllOf(HasSubstr("||ADT^A28^ADT_A05|S5|P|2.5^FRA^2.11|"),
                             HasSubstr("\rEVN||20260528222640+0200\r"),
                             HasSubstr("\rPID|||77^^^SANDBOX&1.2.250.1.999.1&ISO^PI||"
                                       "D'A\\F\\B\\T\\C^Chloé^Chloé Anne^^^^L||19801231|F|||"
                                       "^^Sète^^^FRA^H||06 39 98 00 01^PRN^CP\r")));
    EXPECT_THAT(adt_message(store[slot], false, 6, 0), HasSubstr("ADT^A31^"));
    auto merged = draft();
    merged.texts[his_field::merged_into] = "88";
    store.replace(slot, merged);
    EXPECT_THAT(adt_message(store[slot], false, 7, 0),
                AllOf(HasSubstr("ADT^A40^"), HasSubstr("\rPID|||88^"), HasSubstr("\rMRG|77^"),
                      Not(HasSubstr("Chlo"))));
    EXPECT_THAT(removal_message("77", 8, 0),
                AllOf(HasSubstr("ADT^A29^"), HasSubstr("\rPID|||77^")));
}

TEST(SandboxHl7TextTest, FilesAreCutAtHeaders) {
    EXPECT_THAT(hl7_messages("MSH|1\rPID\rMSH|2\rPID"), ElementsAre("MSH|1\rPID\r", "MSH|2\rPID"));
    EXPECT_THAT(hl7_messages("FHS|\nBHS|\nMSH|1\nPID\nBTS|1\nFTS|1\n"), ElementsAre("MSH|1\nPID"));
    EXPECT_THAT(hl7_messages("\vMSH|1\r\x1c\r\n\vMSH|2\r\x1c\r"),
                ElementsAre("MSH|1\r", "MSH|2\r"));
    EXPECT_THAT(hl7_messages(""), ElementsAre());
}

/// A listener that answers as it is told and keeps what came.
class Receiver {
  public:
    explicit Receiver(std::vector<std::string> codes)
        : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}),
          thread_([this, codes] { serve(codes); }) {}
    ~Receiver() { thread_.join(); }

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    /// Ends once as many messages came as codes were given.
    const std::vector<std::string>& messages() {
        if (thread_.joinable()) thread_.join();
        thread_ = std::thread([] {});
        return messages_;
    }

  private:
    void serve(const std::vector<std::string>& codes) {
        asio::ip::tcp::socket socket(io_);
        std::string input;
        for (const auto& code : codes) {
            if (!socket.is_open()) acceptor_.accept(socket);
            const auto size = asio::read_until(socket, asio::dynamic_buffer(input), "\x1c\r");
            messages_.push_back(input.substr(1, size - 3));
            input.erase(0, size);
            if (code.empty()) { // no answer, and the connection ends
                socket.close();
                input.clear();
                continue;
            }
            asio::write(socket, asio::buffer("\vMSH|^~\\&|\rMSA|" + code + "|1\r\x1c\r"));
        }
    }

    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_;
    std::vector<std::string> messages_;
    std::thread thread_;
};

TEST(SandboxHl7SenderTest, AMessageIsSentUntilItIsAccepted) {
    Receiver receiver({"AE", "", "AA", "AR", "AA"});
    auto settings = RunningSandbox::quiet();
    settings.his_type = HisType::hl7v2;
    settings.hl7.port = receiver.port();
    settings.population.patients = 3;
    RunningSandbox sandbox(settings);
    const auto& came = receiver.messages();
    ASSERT_EQ(came.size(), 5u);
    EXPECT_EQ(came[0], came[1]);
    EXPECT_EQ(came[0], came[2]) << "the very same bytes";
    EXPECT_NE(came[2], came[3]);
    EXPECT_NE(came[3], came[4]);
    for (;;) {
        const auto stats = sandbox.stats()["hl7"];
        if (stats["queued"] != 0) continue;
        EXPECT_EQ(stats["accepted"], 2);
        EXPECT_EQ(stats["refused"], 1);
        EXPECT_EQ(stats["resent"], 2);
        break;
    }
}

TEST(SandboxHl7SenderTest, ChangesMergesAndDeletionsAreTold) {
    Receiver receiver({"AA", "AA", "AA", "AA"});
    auto settings = RunningSandbox::quiet();
    settings.his_type = HisType::hl7v2;
    settings.hl7.port = receiver.port();
    RunningSandbox sandbox(settings);
    const auto accepted = [&sandbox](int count) {
        while (sandbox.stats()["hl7"]["accepted"] != count) {
        }
    };
    sandbox.control("POST", "/his/patients",
                    R"({"ipp":"77","etatCivil":{"nomNaissance":"A","prenoms":["B"]}})");
    accepted(1);
    sandbox.control("PUT", "/his/patients/77", R"({"contact":{"mobile":"06 39 98 00 02"}})");
    accepted(2);
    sandbox.control("PUT", "/his/patients/77", R"({"remplacePar":"88"})");
    accepted(3);
    sandbox.control("DELETE", "/his/patients/77");
    const auto& came = receiver.messages();
    EXPECT_THAT(came,
                ElementsAre(HasSubstr("ADT^A28"), HasSubstr("06 39 98 00 02"), HasSubstr("MRG|77^"),
                            AllOf(HasSubstr("ADT^A29"), HasSubstr("PID|||77^"))));
}

} // namespace
} // namespace medibridge::sandbox
