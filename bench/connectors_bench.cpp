#include "connectors/fhir_resource/bundle.hpp"
#include "connectors/json/page.hpp"
#include "connectors/mapping/record_mapping.hpp"
#include "connectors/medicapp/answers.hpp"
#include "connectors/medicapp/bodies.hpp"

#include <benchmark/benchmark.h>
#include <map>
#include <string>
#include <vector>

namespace medibridge::connectors {
namespace {

config::FieldPlace place(std::string at, std::string format = {}) {
    config::FieldPlace place;
    place.at = std::move(at);
    place.format = std::move(format);
    return place;
}

std::map<std::string, config::FieldPlace> his_fields() {
    config::FieldPlace gender = place("/etatCivil/sexe");
    gender.map = {{"1", "M"}, {"2", "F"}, {"9", "O"}};
    return {{"externalId", place("/ipp")},
            {"lastName", place("/etatCivil/nomNaissance")},
            {"firstName", place("/etatCivil/prenoms/0")},
            {"birthDate", place("/etatCivil/dateNaissance", "%d/%m/%Y")},
            {"gender", gender},
            {"email", place("/contact/mail")},
            {"phone", place("/contact/mobile")},
            {"address.street", place("/adresse/voie")},
            {"address.city", place("/adresse/commune")},
            {"address.postalCode", place("/adresse/cp")},
            {"address.country", place("/adresse/pays")},
            {"modifiedAt", place("/majLe")}};
}

std::string joined(const std::string& before, int count, const std::string& record,
                   const std::string& after) {
    std::string text = before;
    for (int number = 0; number < count; ++number)
        text += (number > 0 ? "," : "") + record;
    return text + after;
}

std::string his_page(int records) {
    const std::string record =
        R"({"ipp":"0080000003","etatCivil":{"nomNaissance":"LEFÈVRE","nomUsage":null,)"
        R"("dateNaissance":"15/05/1965","sexe":"2","prenoms":["Chloé","Anne"]},)"
        R"("contact":{"mail":"chloe.lefevre@example.org","mobile":"06 39 98 00 01"},)"
        R"("adresse":{"voie":"111 avenue Jean-Jaurès","commune":"Ajaccio","cp":"20000","pays":"FR"},)"
        R"("majLe":"2026-01-30T20:17:29+01:00","actif":true,"decede":false})";
    return joined(R"({"patients":[)", records, record, R"(],"pagination":{"pages":40}})");
}

std::string fhir_page(int patients) {
    const std::string patient =
        R"({"fullUrl":"https://his.local/fhir/Patient/700011","search":{"mode":"match"},"resource":)"
        R"({"resourceType":"Patient","id":"700011","meta":{"versionId":"1","lastUpdated":)"
        R"("2026-01-30T20:17:29.123+01:00"},"text":{"status":"generated","div":)"
        R"("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Lefèvre, Chloé</p></div>"},"identifier":)"
        R"([{"use":"usual","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203",)"
        R"("code":"PI"}]},"system":"urn:oid:1.2.250.1.999.1","value":"0080000003"},{"system":)"
        R"("urn:oid:1.2.250.1.213.1.4.10","value":"285629999101109"}],"active":true,"name":[{"use":)"
        R"("official","family":"LEFÈVRE","given":["Chloé","Anne"]},{"use":"usual","family":"MARTIN",)"
        R"("given":["Chloé"]}],"telecom":[{"system":"phone","use":"mobile","value":"06 39 98 00 01"},)"
        R"({"system":"email","value":"chloe.lefevre@example.org"}],"gender":"female","birthDate":)"
        R"("1965-05-15","address":[{"use":"home","line":["111 avenue Jean-Jaurès"],"city":"Ajaccio",)"
        R"("postalCode":"20000","country":"FR"}]}})";
    return joined(R"({"resourceType":"Bundle","type":"searchset","entry":[)", patients, patient,
                  "]}");
}

std::string medicapp_page(int patients) {
    const std::string patient =
        R"({"id":"pat_7ab40e090f363a7d","externalId":"0080000003","lastName":"LEFÈVRE",)"
        R"("firstName":"Chloé","birthDate":"1965-05-15","gender":"F",)"
        R"("email":"chloe.lefevre@example.org","phone":"+33639980001",)"
        R"("createdAt":"2026-01-30T19:17:29.000Z","modifiedAt":"2026-01-30T19:17:29.000Z"})";
    return joined(R"({"data":[)", patients, patient,
                  R"(],"pagination":{"page":1,"perPage":100,"total":20000,"totalPages":200}})");
}

void read_and_map_a_his_page(benchmark::State& state) {
    const RecordMapping mapping(his_fields(), "Europe/Paris");
    const std::vector<std::string> of_document = {"/pagination/pages"};
    const JsonOutline outline("/patients", of_document, mapping.places());
    const std::string page = his_page(500);
    for (auto _ : state) {
        std::vector<reconcile::SourceRecord> records;
        read_json_page(page, outline, [&](std::optional<std::span<const RawValue>> values) {
            if (values) records.push_back(mapping.map(*values, "a place").record);
        });
        benchmark::DoNotOptimize(records);
    }
    state.SetItemsProcessed(state.iterations() * 500);
}
BENCHMARK(read_and_map_a_his_page)->Unit(benchmark::kMicrosecond);

void read_and_map_a_fhir_page(benchmark::State& state) {
    FhirRules rules;
    rules.identifier_system = "urn:oid:1.2.250.1.999.1";
    const std::string page = fhir_page(200);
    for (auto _ : state)
        benchmark::DoNotOptimize(
            read_fhir_bundle(page, FhirBundleKind::search, rules, "page 1, record "));
    state.SetItemsProcessed(state.iterations() * 200);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(page.size()));
}
BENCHMARK(read_and_map_a_fhir_page)->Unit(benchmark::kMicrosecond);

void read_a_medicapp_page(benchmark::State& state) {
    const std::string page = medicapp_page(100);
    for (auto _ : state)
        benchmark::DoNotOptimize(read_page(page));
    state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(read_a_medicapp_page)->Unit(benchmark::kMicrosecond);

void write_a_create_body(benchmark::State& state) {
    const auto page = read_page(medicapp_page(1));
    for (auto _ : state)
        benchmark::DoNotOptimize(create_body(page->patients.front().patient));
}
BENCHMARK(write_a_create_body);

} // namespace
} // namespace medibridge::connectors
