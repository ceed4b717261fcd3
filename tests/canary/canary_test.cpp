#include "echo_server.hpp"
#include "hospital.hpp"
#include "supply.hpp"
#include "traces.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>

// No value of a patient and no secret in anything that the programs leave behind.

namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;

const std::string last_name = "Çanarïgny";
const std::string usual_name = "Vaultôt-Marquès";
const std::string first_name = "Éléonöre";
const std::string street = "rüe du Canarïval ";
const std::string city = "Canarïville";
const std::string mail = "canari.marques@vaultot.example";
const std::string api_key = "sk_canary_5Bqv7wXyZ";

const std::vector<std::string> planted = {
    last_name,        usual_name,  "Marquès",    first_name,   "Canarïval", city,   mail,
    "01 99 00 87 41", "199008741", "17/03/1931", "1931-03-17", "19310317",  api_key};
/// What the configuration forbids to log, though the state knows it.
const std::string planted_id = "90000007";

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

/// Of two digits; nobody has another one's name.
std::string family_of(const std::string& number) {
    std::string letters;
    for (const char digit : number)
        letters += static_cast<char>('a' + (digit - '0'));
    return last_name + "-" + letters;
}

json person(const std::string& number) {
    return {{"ipp", planted_id + number},
            {"etatCivil",
             {{"nomNaissance", family_of(number)},
              {"nomUsage", usual_name},
              {"prenoms", {first_name}},
              {"dateNaissance", "17/03/1931"},
              {"sexe", "2"}}},
            {"contact", {{"mail", mail}, {"mobile", "01 99 00 87 41"}}},
            {"adresse",
             {{"voie", repeated(street, 12)}, {"commune", city}, {"cp", "44000"}, {"pays", "FR"}}},
            {"actif", true},
            {"decede", false}};
}

/// Sound ones, and each way of not being so.
std::vector<json> people() {
    std::vector<json> all;
    for (int number = 10; number < 40; ++number)
        all.push_back(person(std::to_string(number)));
    const auto changed = [&](const char* place, const json& value) {
        auto one = person(std::to_string(40 + all.size()));
        one[json::json_pointer(place)] = value;
        all.push_back(one);
    };
    changed("/etatCivil/dateNaissance", "31/02/1931 " + last_name);
    changed("/etatCivil/dateNaissance", nullptr);
    changed("/etatCivil/nomNaissance", last_name + "\xEF\xBF\xBD");
    changed("/etatCivil/nomNaissance", "Lef&egrave;vre " + last_name);
    changed("/etatCivil/prenoms", json::array());
    changed("/etatCivil/sexe", last_name);
    changed("/contact/mail", mail + " " + last_name);
    changed("/contact/mobile", "maman " + first_name + " 01 99 00 87 41");
    changed("/adresse/voie", repeated(street, 40));
    changed("/adresse/pays", city);
    changed("/decede", true);
    changed("/actif", false);
    changed("/statutIdentite", "FICT");
    return all;
}

/// One message, and the answer.
std::string ask_listener(std::uint16_t port, const std::string& message) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket(io);
    socket.connect({boost::asio::ip::address_v4::loopback(), port});
    boost::system::error_code failure;
    boost::asio::write(socket, boost::asio::buffer("\x0B" + message + "\x1C\r"), failure);
    std::string answer;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(answer), "\x1C\r", failure);
    return answer;
}

class CanaryRig : public testing::Test {
  protected:
    void begin(const std::string& type, const std::string& more) {
        supply_ = make_supply(type);
        auto arguments = supply_->sandbox();
        arguments.insert(arguments.end(),
                         {"--patients", "0", "--api-key", api_key, "--preload", "0"});
        hospital_ = std::make_unique<Hospital>(arguments);
        for (const auto& file : std::filesystem::directory_iterator(hospital_->directory()))
            if (file.path().filename().string().starts_with("out"))
                sandbox_output_ = file.path().filename();
        supply_->configure(*hospital_);
        hospital_->configure(
            "sync: {interval: 1s, overlap: 2s, full_compare: 1h, max_changes: {ratio: "
            "1}}\nlog: {level: debug}\nhttp: {listen: \"127.0.0.1:0\"}\n" +
            more);
    }

    void start() {
        service_ = hospital_->start({});
        wait_until(*service_, [&] { return said(*service_, "control.listening"); });
    }

    /// Cycles begin by themselves each second.
    void wait_for_cycles(int count) {
        const auto ended = [&] {
            return times_said(*service_, "cycle.finished") +
                   times_said(*service_, "cycle.incomplete") +
                   times_said(*service_, "cycle.failed");
        };
        const auto before = ended();
        wait_until(*service_, [&] { return ended() >= before + count; });
    }

    void end(int signal) {
        service_->signal(signal);
        service_->wait();
    }

    std::string type(std::vector<std::string> words) {
        words.insert(words.begin(), {MEDIBRIDGECTL, "--config", hospital_->config(), "--yes"});
        Child child(words, hospital_->directory());
        child.wait();
        return child.out() + child.err();
    }

    /// Everything that operators may see without values.
    void operate() {
        for (const auto& words : std::vector<std::vector<std::string>>{
                 {"status"},
                 {"held", "list"},
                 {"held", "list", "--output", "json"},
                 {"guard", "show"},
                 {"audit"},
                 {"audit", "--verify"},
                 {"events"},
                 {"plan", "save", hospital_->directory() / "plan.json"},
                 {"backup", hospital_->directory() / "backup"},
                 {"doctor"}})
            type(words);
        scrape();
    }

    /// What anybody who reaches the port is shown.
    void scrape() {
        std::istringstream lines(service_->err());
        std::string address;
        for (std::string line; std::getline(lines, line);)
            if (line.find("monitoring.listening") != std::string::npos)
                address = json::parse(line)["address"].get<std::string>();
        ASSERT_NE(address, "");
        std::string shown;
        for (const char* path : {"/healthz", "/readyz", "/metrics"})
            shown += fetch("http://" + address + path, Method::get).body;
        write_file(hospital_->directory() / "scraped", shown);
    }

    std::string configured(const std::string& key) {
        const auto text = read_file(hospital_->config());
        std::smatch found;
        if (!std::regex_search(text, found, std::regex(key + ": *\"?([^\"\\s]+)"))) return {};
        return found[1];
    }

    /// Every file is searched but those that hold values by their nature.
    void expect_no_traces(const std::string& when) {
        static const Traces traces(planted);
        static const Traces ids({planted_id});
        int searched = 0;
        for (const auto& place :
             std::filesystem::recursive_directory_iterator(hospital_->directory())) {
            const auto name = place.path().filename().string();
            const bool by_nature = name == "medibridge.yaml" || name == "medicapp-api-key" ||
                                   name == sandbox_output_ || name.starts_with("his.db");
            if (!place.is_regular_file() || by_nature) continue;
            ++searched;
            for (const auto& found : traces.in_file(place.path()))
                ADD_FAILURE() << when << ": " << found;
            if (name.starts_with("err") || name == "scraped")
                EXPECT_EQ(ids.in_file(place.path()), std::vector<std::string>()) << when;
        }
        EXPECT_GT(searched, 3);
        if (drop_.empty()) return;
        for (const auto& place : std::filesystem::recursive_directory_iterator(drop_)) {
            if (!place.path().string().ends_with(".reason.txt")) continue;
            ++reasons_;
            for (const auto& found : traces.in(read_file(place.path())))
                ADD_FAILURE() << when << ": " << place.path() << ": " << found;
        }
    }

    void drop(const std::string& name, const std::string& text) {
        write_file(drop_ / (name + ".part"), text);
        std::filesystem::rename(drop_ / (name + ".part"), drop_ / name);
    }

    std::unique_ptr<Supply> supply_;
    std::unique_ptr<Hospital> hospital_;
    std::unique_ptr<Child> service_;
    std::string sandbox_output_; ///< the file; it begins with the key that it asks for
    std::filesystem::path drop_; ///< of a HIS that drops files
    int reasons_ = 0;
};

class Canary : public CanaryRig, public testing::WithParamInterface<std::string> {};

/// What a sender may say that is refused, or taken in part.
std::vector<std::string> odd_messages() {
    const std::string pid = "PID|1||" + planted_id + "99^^^H&1.2.250.1.999.1.1&ISO^PI||" +
                            last_name + "^" + first_name + "||19310317|F|||" + repeated(street, 5) +
                            "^^" + city + "^^44000^FRA||0199008741^PRN^PH^" + mail + "\r";
    const auto message = [](const std::string& event, const std::string& body) {
        return "MSH|^~\\&|HIS|H|MB|MB|20260131100507||ADT^" + event + "|7|P|2.5\r" + body;
    };
    return {
        message("A28", pid),
        message("A28", "EVN||20260131\r" + pid + "ZZZ|" + last_name + "\r"),
        message(last_name, pid),
        message("A99", pid),
        message("A40", pid + "MRG|" + last_name + "^^^" + first_name + "\r"),
        message("A28", "PID|1||" + last_name + "\r"),
        message("A28", pid + std::string(30'000, 'x') + last_name),
        "MSH|^~\\&|" + last_name + "|" + first_name + "|MB|MB|x||ADT^A28|7|P|2.5\r" + pid,
        "MSH|^~\\&|HIS|H|MB|MB|" + last_name + "||ADT^A28^" + first_name + "|7|" + last_name + "|" +
            last_name + "\r" + pid,
        pid,
        last_name,
        "FHS|^~\\&|" + last_name + "\rBHS|^~\\&|" + last_name + "\r" + message("A28", pid) +
            "BTS|9|" + last_name + "\r",
    };
}

/// What a sender may name its messages: a name that stands in one is a patient's all the same.
std::vector<std::string> named_messages() {
    const std::string pid = "PID|1||" + planted_id + "99^^^H&1.2.250.1.999.1.1&ISO^PI||" +
                            last_name + "^" + first_name + "||19310317|F\r";
    std::vector<std::string> all;
    for (const auto& control_id :
         {last_name, first_name + " " + last_name, last_name + "_19310317", std::string("19310317"),
          std::string("1931-03-17"), std::string("CANARIVAL"), planted_id + "99"})
        for (const auto& event : {"A28", "A40", "A24", "A99"}) {
            const auto header = "MSH|^~\\&|HIS|H|MB|MB|20260131100507||ADT^" + std::string(event) +
                                "|" + control_id + "|P|2.5\r";
            all.push_back(header + pid);
            all.push_back(header + "PID|1||\r"); // cannot be used
        }
    return all;
}

/// The names of files that can be used, and of some that cannot.
void drop_named_files(const std::function<void(const std::string&, const std::string&)>& drop,
                      const std::string& sound) {
    const auto header = sound.substr(0, sound.find('\n') + 1);
    const auto row = sound.substr(header.size(), sound.find('\n', header.size()) - header.size());
    int number = 0;
    for (const auto& name :
         {last_name, first_name + " " + last_name, last_name + "_19310317", std::string("19310317"),
          std::string("export 1931-03-17"), std::string("CANARIVAL"), planted_id + "99"}) {
        ++number;
        drop(name + ".csv", header + row + "\n" + std::string(number, '\n'));
        drop(name + ".repeated.csv", header + row + "\n" + std::string(number, '\n'));
        drop(name + ".broken.csv", header + "\"" + std::to_string(number));
        drop(name + ".empty.csv", "");
    }
}

void drop_odd_files(const std::function<void(const std::string&, const std::string&)>& drop,
                    const std::string& sound) {
    const auto row = last_name + ";" + first_name + ";17/03/1931\n";
    drop("a.csv", row + row);
    drop("b.csv", sound.substr(0, sound.find('\n') + 1) + "\"" + row);
    drop("c.csv", sound + row);
    drop("d.csv", sound + std::string(70'000, 'x') + last_name + "\n");
    drop("e.csv", std::string("\xFF\xFE\0x", 4) + row);
    drop("f.csv", "");
    drop("g.csv", row.substr(0, 3) + std::string(1, '\0') + row);
}

TEST_P(Canary, LeavesNoTraceOfWhatItReadsAndWrites) {
    begin(GetParam(), "");
    if (GetParam() == "csv") drop_ = configured("directory");
    for (const auto& one : people())
        hospital_->control(Method::post, "/his/patients", one);
    hospital_->control(Method::post, "/medicapp/patients",
                       {{"externalId", planted_id + "10"},
                        {"lastName", "Marquès"},
                        {"firstName", "Somebody"},
                        {"birthDate", "1931-03-17"},
                        {"email", mail}});
    hospital_->control(Method::post, "/medicapp/patients",
                       {{"lastName", family_of("11")},
                        {"firstName", first_name},
                        {"birthDate", "1931-03-17"},
                        {"gender", "F"}});
    supply_->publish(*hospital_);
    hospital_->set_faults({"POST:3:reset-after", "POST:5:400", "POST:7:hang"});
    start();
    // A write is under way, and will never be answered.
    wait_until(*service_, [&] {
        return hospital_->control(Method::get, "/faults")["faults"][2]["hits"] != 0;
    });
    end(SIGKILL);
    expect_no_traces("killed in a write");
    hospital_->set_faults({});
    start();
    wait_until(*service_, [&] { return hospital_->medicapp_patients().size() > 20; });
    auto renamed = person("12");
    renamed["etatCivil"]["nomNaissance"] = "Marquès";
    renamed["etatCivil"]["prenoms"] = {"Canarïval"};
    hospital_->control(Method::post, "/his/patients", renamed);
    hospital_->control(Method::post, "/his/edit?count=5");
    supply_->publish(*hospital_);
    if (GetParam() == "hl7v2") {
        const auto address = configured("listen");
        const auto port =
            static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
        // An answer repeats its message's header to who sent it, and nothing else.
        const Traces traces({street, city, mail, "19310317", "0199008741"});
        for (const auto& message : odd_messages())
            for (const auto& found : traces.in(ask_listener(port, message)))
                ADD_FAILURE() << "an answer: " << found << " to " << message;
        // Whoever chose a name gets it back, and nobody else.
        for (const auto& message : named_messages())
            EXPECT_NE(ask_listener(port, message), "") << message;
    }
    if (GetParam() == "csv") {
        std::string sound;
        for (const auto& file : std::filesystem::directory_iterator(drop_ / "done"))
            sound = read_file(file.path());
        const auto into = [&](const auto& name, const auto& text) { drop(name, text); };
        drop_odd_files(into, sound);
        drop_named_files(into, sound);
    }
    wait_for_cycles(3);
    operate();
    expect_no_traces("running");
    end(SIGKILL);
    expect_no_traces("killed");
    start();
    wait_for_cycles(1);
    end(SIGTERM);
    hospital_->once({"--dry-run", "--output", "text"});
    hospital_->once({"--dry-run", "--output", "json"});
    hospital_->once({"--full", "--output", "text"});
    expect_no_traces("ended");
    if (GetParam() == "csv") EXPECT_GT(reasons_, 17);
}

INSTANTIATE_TEST_SUITE_P(Type, Canary, testing::Values("rest", "fhir", "sql", "csv", "hl7v2"),
                         [](const auto& type) { return type.param; });

/// What a server says of itself, of an error, of a request.
struct Told {
    const char* name;
    std::string told;
};

class CanaryEcho : public CanaryRig, public testing::WithParamInterface<Told> {};

TEST_P(CanaryEcho, LeavesNoTraceOfWhatServersSay) {
    const EchoServer echo(GetParam().told);
    begin("rest", "");
    auto text = read_file(hospital_->config());
    const auto replace = [&](const std::string& from, const std::string& to) {
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << text;
        text.replace(at, from.size(), to);
    };
    replace(hospital_->addresses()["medicapp"].get<std::string>(), echo.address() + "/v5");
    replace(hospital_->addresses()["his"].get<std::string>(), echo.address() + "/his");
    write_file(hospital_->config(), text);
    start();
    wait_until(*service_, [&] { return echo.writes() > 12 && echo.lists() > 24; });
    operate();
    end(SIGTERM);
    hospital_->once({"--output", "json"});
    hospital_->once({"--output", "text"});
    expect_no_traces("after answers that echo");
}

INSTANTIATE_TEST_SUITE_P(Told, CanaryEcho,
                         testing::Values(Told{"word", "Canarival_19310317"},
                                         Told{"sentence", last_name + " " + first_name},
                                         Told{"capitals", "CANARIVAL"},
                                         Told{"code", "ERROR_CANARIVAL"}, Told{"date", "19310317"},
                                         Told{"dashes", "1931-03-17"}, Told{"id", "req_19310317"},
                                         Told{"secret", api_key}),
                         [](const auto& told) { return std::string(told.param.name); });

} // namespace
} // namespace medibridge::tests
