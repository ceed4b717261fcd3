#include "his_table.hpp"

#include "source_environment.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

namespace medibridge::tests {

namespace {

runtime::Task<void> read_all(connectors::SourceReading& reading, SqlPass& pass,
                             const std::function<void()>& between) {
    for (;;) {
        auto page = co_await reading.next();
        if (!page) {
            pass.error = page.error();
            co_return;
        }
        ++pass.pages;
        pass.server_time = page->server_time;
        for (auto& record : page->records)
            pass.records.push_back(std::move(record));
        if (page->last) co_return;
        if (between) between();
    }
}

} // namespace

std::vector<std::string> SqlPass::ids() const {
    std::vector<std::string> ids;
    for (const auto& record : records)
        ids.push_back(record.patient.external_id());
    return ids;
}

HisTable::HisTable(Database& its_database) : database(its_database), client(its_database) {
    client.run("DROP TABLE IF EXISTS patients");
    client.run("CREATE TABLE patients (ipp varchar(40) PRIMARY KEY, nom " + database.text_type() +
               ", prenom text, "
               "naissance date, maj " +
               database.time_type() + ")");
    client.run("CREATE INDEX patients_maj ON patients (maj, ipp)");
}

void HisTable::insert(const std::string& ipp, const std::string& maj, const std::string& nom) {
    const auto time = maj == "NULL" ? maj : "'" + maj + "'";
    client.run("INSERT INTO patients VALUES ('" + ipp + "', '" + nom + "', 'Zoé', '1980-05-12', " +
               time + ")");
}

void HisTable::insert_many(int count, const std::string& maj) {
    client.run("INSERT INTO patients SELECT concat_n, 'Nom', 'Zoé', '1980-05-12', '" + maj +
               "' FROM (SELECT substr(CAST(1000000 + n AS char(7)), 2) AS concat_n FROM (" +
               database.numbers(count) + ") AS counted) AS named");
}

connectors::SqlSettings HisTable::settings() const {
    connectors::SqlSettings settings;
    settings.connection = database.connection();
    if (!database.password().empty()) settings.password = config::Secret(database.password());
    settings.query = "SELECT ipp, nom, prenom, naissance, maj FROM patients "
                     "WHERE " +
                     database.behind() + " ORDER BY maj, ipp LIMIT :limit";
    settings.page_size = 4;
    settings.timeout = std::chrono::seconds(10);
    settings.fields["externalId"].at = "IPP";
    settings.fields["lastName"].at = "nom";
    settings.fields["firstName"].at = "prenom";
    settings.fields["birthDate"].at = "naissance";
    settings.fields["modifiedAt"].at = "maj";
    return settings;
}

connectors::SqlLimits HisTable::quick() {
    connectors::SqlLimits limits;
    limits.retries.attempts = 3;
    limits.retries.first_delay = std::chrono::milliseconds(10);
    limits.retries.longest_delay = std::chrono::milliseconds(20);
    limits.grace = std::chrono::milliseconds(2'000);
    return limits;
}

connectors::SqlSource& HisTable::open(const connectors::SqlSettings& settings,
                                      connectors::SqlLimits limits) {
    source = std::make_unique<connectors::SqlSource>(
        source_environment("dwh", context.get_executor(), clock, log, 42), settings, limits);
    return *source;
}

SqlPass HisTable::pass(std::optional<reconcile::Instant> since,
                       const std::function<void()>& between) {
    if (!source) open();
    return run(*source->read(since), between);
}

SqlPass HisTable::one(const std::string& external_id) {
    if (!source) open();
    return run(*source->read_one(external_id));
}

SqlPass HisTable::run(connectors::SourceReading& reading, const std::function<void()>& between) {
    SqlPass pass;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, read_all(reading, pass, between),
                          [&thrown](std::exception_ptr error) { thrown = std::move(error); });
    context.restart(); // somebody else may have run it to its end
    context.run();
    context.restart();
    if (thrown) std::rethrow_exception(thrown);
    pass.proven = reading.proven();
    pass.fingerprint = reading.fingerprint();
    return pass;
}

reconcile::Instant at(const std::string& text) {
    const auto parsed = reconcile::parse_rfc3339(text);
    if (!parsed) {
        ADD_FAILURE() << text;
        return {};
    }
    return parsed->instant;
}

} // namespace medibridge::tests
