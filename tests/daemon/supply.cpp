#include "supply.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace medibridge::tests {

using nlohmann::json;

std::string free_port() {
    boost::asio::io_context io;
    const boost::asio::ip::tcp::endpoint any(boost::asio::ip::address_v4::loopback(), 0);
    const boost::asio::ip::tcp::acceptor acceptor(io, any);
    return std::to_string(acceptor.local_endpoint().port());
}

namespace {

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

} // namespace

std::unique_ptr<Supply> make_supply(const std::string& type) {
    if (type == "fhir") return std::make_unique<FhirSupply>();
    if (type == "csv") return std::make_unique<CsvSupply>();
    if (type == "hl7v2") return std::make_unique<Hl7Supply>();
    if (type == "sql") return std::make_unique<SqlSupply>();
    return std::make_unique<RestSupply>();
}

} // namespace medibridge::tests
