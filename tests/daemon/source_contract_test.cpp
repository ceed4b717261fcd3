#include "hospital.hpp"
#include "one_source.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <csignal>
#include <gtest/gtest.h>
#include <thread>

// What every type of source must do, whatever the HIS speaks: the real service takes what the
// simulated HIS gives, and Medicapp comes to say the same.

namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;
using namespace nlohmann::literals;

constexpr std::chrono::seconds patience{60};

/// How a HIS of one type gives its patients: what the sandbox and the configuration are told.
class Supply {
  public:
    virtual ~Supply() = default;
    virtual std::vector<std::string> sandbox() const { return {}; }
    virtual void configure(Hospital&) {}
    /// Shows the HIS's present patients, where the sandbox does not do it itself.
    virtual void publish(Hospital&) {}
};

class RestSupply final : public Supply {};

class FhirSupply final : public Supply {
  public:
    std::vector<std::string> sandbox() const override { return {"--his-type", "fhir"}; }
};

class CsvSupply final : public Supply {
  public:
    std::vector<std::string> sandbox() const override {
        return {"--his-type", "csv", "--drop-directory", folder_.path() / "in"};
    }

  private:
    TemporaryDirectory folder_;
};

/// A port that nobody has right now.
std::string free_port() {
    boost::asio::io_context io;
    const boost::asio::ip::tcp::endpoint any(boost::asio::ip::address_v4::loopback(), 0);
    const boost::asio::ip::tcp::acceptor acceptor(io, any);
    return std::to_string(acceptor.local_endpoint().port());
}

class Hl7Supply final : public Supply {
  public:
    std::vector<std::string> sandbox() const override {
        return {"--his-type", "hl7v2", "--mllp", "127.0.0.1:" + port_};
    }

  private:
    std::string port_ = free_port();
};

/// A database that the test itself fills with what the HIS has.
class SqlSupply final : public Supply {
  public:
    void configure(Hospital& hospital) override {
        const auto file = hospital.directory() / "his.db";
        database_ = std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READWRITE |
                                                                          SQLite::OPEN_CREATE);
        database_->exec("PRAGMA journal_mode = WAL");
        database_->exec("CREATE TABLE patients(ipp TEXT PRIMARY KEY, nom, prenom, naissance, sexe,"
                        " mail, mobile, voie, commune, cp, pays, maj)");
        auto text = read_file(hospital.config());
        const auto begin = text.find("his:\n");
        const auto end = text.find("state:\n");
        text.replace(begin, end - begin, source(file.string()));
        write_file(hospital.config(), text);
    }

    void publish(Hospital& hospital) override {
        SQLite::Transaction transaction(*database_);
        SQLite::Statement put(*database_, "INSERT OR REPLACE INTO patients VALUES"
                                          " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        for (const auto& patient : hospital.his_patients()) {
            int column = 0;
            for (const auto* place :
                 {"/ipp", "/etatCivil/nomNaissance", "/etatCivil/prenoms/0",
                  "/etatCivil/dateNaissance", "/etatCivil/sexe", "/contact/mail", "/contact/mobile",
                  "/adresse/voie", "/adresse/commune", "/adresse/cp", "/adresse/pays", "/majLe"}) {
                const json::json_pointer pointer(place);
                ++column;
                if (patient.contains(pointer) && patient[pointer].is_string())
                    put.bind(column, patient[pointer].get<std::string>());
                else
                    put.bind(column);
            }
            put.exec();
            put.reset();
        }
        transaction.commit();
    }

  private:
    static std::string source(const std::string& file) {
        return "his:\n"
               "  - name: his\n"
               "    type: sql\n"
               "    connection: \"Driver=libsqlite3odbc.so;Database=" +
               file +
               ";Timeout=10000\"\n"
               "    query: >-\n"
               "      SELECT * FROM patients WHERE (maj, ipp) > (:modified_after, :after_id)\n"
               "      ORDER BY maj, ipp LIMIT :limit\n"
               "    lookup: SELECT * FROM patients WHERE ipp = :external_id\n"
               "    page_size: 50\n"
               "    fields: {externalId: ipp, lastName: nom, firstName: prenom,\n"
               "      birthDate: {at: naissance, format: \"%d/%m/%Y\"},\n"
               "      gender: {at: sexe, map: {\"1\": M, \"2\": F, \"9\": O}}, email: mail,\n"
               "      phone: mobile, address.street: voie, address.city: commune,\n"
               "      address.postalCode: cp, address.country: pays, modifiedAt: maj}\n";
    }

    std::unique_ptr<SQLite::Database> database_;
};

std::unique_ptr<Supply> make_supply(const std::string& type) {
    if (type == "fhir") return std::make_unique<FhirSupply>();
    if (type == "csv") return std::make_unique<CsvSupply>();
    if (type == "hl7v2") return std::make_unique<Hl7Supply>();
    if (type == "sql") return std::make_unique<SqlSupply>();
    return std::make_unique<RestSupply>();
}

class SourceContract : public testing::TestWithParam<std::string> {
  protected:
    SourceContract() {
        auto arguments = supply->sandbox();
        arguments.insert(arguments.end(), {"--patients", "300", "--invalid-share", "0"});
        hospital = std::make_unique<Hospital>(arguments);
        supply->configure(*hospital);
        hospital->configure("sync: {interval: 1s, overlap: 2s, max_changes: {ratio: 1}}\n");
        supply->publish(*hospital);
    }

    void start() { service = hospital->start({}); }

    void stop() {
        service->signal(SIGTERM);
        EXPECT_EQ(service->wait(), 0) << service->err();
        service.reset();
    }

    void edit(int count) {
        hospital->control(Method::post, "/his/edit?count=" + std::to_string(count));
        supply->publish(*hospital);
    }

    /// Both sides come to say the same while the service runs.
    void expect_convergence() {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        std::string differences = "not looked yet";
        while (std::chrono::steady_clock::now() < deadline) {
            differences = differences_between_sides(*hospital);
            if (differences.empty()) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        EXPECT_EQ(differences, "") << service->err();
        EXPECT_EQ(hospital->stats()["medicapp"]["duplicates"], 0);
    }

    std::unique_ptr<Supply> supply = make_supply(GetParam());
    std::unique_ptr<Hospital> hospital;
    std::unique_ptr<Child> service;
};

TEST_P(SourceContract, FirstLoadThenIncrementsThenSilence) {
    start();
    expect_convergence();
    edit(50); // all at one moment: more than a page of ties for some
    expect_convergence();
    edit(1);
    expect_convergence();
    stop();
    hospital->reset_stats();
    const auto idle = hospital->once();
    EXPECT_EQ(idle.exit, 0) << idle.out << idle.err;
    EXPECT_EQ(idle.json()["requests"]["medicapp"]["PUT"], 0) << idle.out;
    EXPECT_EQ(idle.json()["requests"]["medicapp"]["POST"], 0) << idle.out;
}

TEST_P(SourceContract, KilledAtAnyTimeLosesNothingAndDoublesNothing) {
    for (const int delay : {30, 120, 300, 50, 200}) {
        start();
        std::this_thread::sleep_for(std::chrono::milliseconds(delay));
        edit(30);
        service->signal(SIGKILL);
        service->wait();
    }
    start();
    expect_convergence();
    stop();
}

TEST_P(SourceContract, FaultsOfBothSidesDelayItOnly) {
    hospital->set_faults({"GET:10%:503", "POST:10%:429", "PUT:10%:reset-after",
                          "POST:5%:reset-after", "his/LIST:10%:503"});
    start();
    edit(40);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    hospital->set_faults({});
    edit(40);
    expect_convergence();
    stop();
}

/// All that the source shows, once it shows so many.
std::multimap<std::string, std::string> all_of(OneSource& source, std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto records = source.all();
    while (records.size() < count && std::chrono::steady_clock::now() < deadline) {
        source.work_for(std::chrono::milliseconds(50));
        records = source.all();
    }
    EXPECT_EQ(records.size(), count);
    return records;
}

TEST_P(SourceContract, ShowsOnePatientAsItShowsAll) {
    OneSource source(*hospital);
    const auto all = all_of(source, 300);
    EXPECT_TRUE(source->reads_one());
    std::size_t number = 0;
    for (const auto& [id, text] : all) {
        if (number++ % 50 != 0) continue;
        const auto before = source->requests();
        EXPECT_EQ(source.one(id), std::vector<std::string>(1, text));
        EXPECT_LE(source->requests(), before + 1) << "one small request at most";
    }
    for (const std::string odd : {"9000000001", "a&b|c'd\"é", "x' OR '1'='1", "%", ""})
        EXPECT_EQ(source.one(odd), std::vector<std::string>()) << odd;
    EXPECT_TRUE(source->reads_one()) << "nothing of it was taken for a refusal";
    EXPECT_EQ(source.all(), all) << "and the list is as it was";
}

json somebody(const std::string& ipp, const std::string& name) {
    return {{"ipp", ipp},
            {"etatCivil",
             {{"nomNaissance", name},
              {"prenoms", {"Léa"}},
              {"dateNaissance", "05/03/2010"},
              {"sexe", "2"}}}};
}

// One plausibility for values and one for identifiers: a value that one source may not give is not
// taken from another.
TEST_P(SourceContract, RefusesGarbledValuesLikeAllOthers) {
    const std::vector<json> garbled = {
        somebody("9000000001", "LefÃ¨vre"),      somebody("9000000002", "Lef&egrave;vre"),
        somebody("9000000003", "Lef?vre"),       somebody("9000000004", "Lef%C3%A8vre"),
        somebody("9000000005", "Lef\\u00e8vre"), somebody("9000000006", "#N/A"),
        somebody("8.00123E+09", "MOREAU"),       somebody("8001234567.0", "MOREAU"),
        somebody("'00800124", "MOREAU"),         somebody("NULL", "MOREAU"),
    };
    auto sound = somebody("9000000099", "LEFÈVRE");
    sound["contact"] = {{"mobile", "maman 06 12 34 56 78"}, {"mail", "lea@example.org"}};
    sound["adresse"] = {{"voie", "12 rue des Ã‰coles"}, {"commune", "Nîmes"}};
    for (const auto& patient : garbled)
        hospital->control(Method::post, "/his/patients", patient);
    hospital->control(Method::post, "/his/patients", sound);
    supply->publish(*hospital);
    start();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto created = hospital->medicapp_patients();
    while (!created.contains("9000000099") && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        created = hospital->medicapp_patients();
    }
    stop();
    created = hospital->medicapp_patients();
    for (const auto& patient : garbled)
        EXPECT_FALSE(created.contains(patient["ipp"].get<std::string>())) << patient;
    ASSERT_TRUE(created.contains("9000000099"));
    const auto& taken = created["9000000099"];
    EXPECT_EQ(taken.value("phone", json()), json()) << "somebody else's";
    EXPECT_EQ(taken.value("/address/street"_json_pointer, json()), json()) << "garbled";
    EXPECT_EQ(taken["email"], "lea@example.org");
}

INSTANTIATE_TEST_SUITE_P(Type, SourceContract,
                         testing::Values("rest", "fhir", "sql", "csv", "hl7v2"),
                         [](const auto& type) { return type.param; });

} // namespace
} // namespace medibridge::tests
