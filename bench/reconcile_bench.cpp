#include "reconcile/assess.hpp"
#include "reconcile/digest.hpp"
#include "reconcile/field_table.hpp"
#include "reconcile/identity.hpp"

#include <benchmark/benchmark.h>
#include <chrono>
#include <string_view>
#include <vector>

namespace medibridge::reconcile {
namespace {

SourceRecord record() {
    SourceRecord record;
    record.patient = Patient("IPP-0000123456");
    const std::pair<Field, std::string> values[] = {
        {Field::last_name, "LE  GOFF-d'Été"},
        {Field::first_name, "Anne-Sophie"},
        {Field::birth_date, "1984-02-29"},
        {Field::gender, "F"},
        {Field::email, " anne.legoff@example.fr"},
        {Field::phone, "06 12 34 56 78"},
        {Field::street, "12 bis, rue des Écoles"},
        {Field::city, "Saint-Étienne"},
        {Field::postal_code, "42000"},
        {Field::country, "France"},
    };
    for (const auto& [field, value] : values)
        record.patient[field] = FieldValue::known(value);
    record.modified_at = Instant(std::chrono::milliseconds(1'790'000'000'000));
    return record;
}

Digester digester() {
    const std::vector<std::uint8_t> key(Digester::key_size, 7);
    return Digester(key);
}

void assess_a_record(benchmark::State& state) {
    const IdentityPolicy policy;
    for (auto _ : state)
        benchmark::DoNotOptimize(assess(record(), policy));
}
BENCHMARK(assess_a_record);

void assess_whom_a_record_is_about(benchmark::State& state) {
    const IdentityPolicy policy;
    for (auto _ : state)
        benchmark::DoNotOptimize(assess_identity(record(), policy));
}
BENCHMARK(assess_whom_a_record_is_about);

void normalise(benchmark::State& state, Field field, std::string_view text) {
    for (auto _ : state)
        benchmark::DoNotOptimize(source_value(field, text, "FR"));
}
BENCHMARK_CAPTURE(normalise, an_ascii_name, Field::last_name, "LE GOFF");
BENCHMARK_CAPTURE(normalise, a_name_with_accents, Field::first_name, "Hélène-Zoé");
BENCHMARK_CAPTURE(normalise, a_line, Field::street, "12 bis rue du Puits");
BENCHMARK_CAPTURE(normalise, an_email, Field::email, "anne.legoff@example.fr");
BENCHMARK_CAPTURE(normalise, a_french_phone, Field::phone, "06 12 34 56 78");
BENCHMARK_CAPTURE(normalise, another_phone, Field::phone, "+32 470 12 34 56");

void digest_a_patient(benchmark::State& state) {
    const Digester digests = digester();
    const Patient patient = assess(record(), IdentityPolicy()).patient;
    for (auto _ : state)
        benchmark::DoNotOptimize(digests.fields(patient));
}
BENCHMARK(digest_a_patient);

void compare_two_identities(benchmark::State& state) {
    const IdentityTraits traits(assess(record(), IdentityPolicy()).patient);
    for (auto _ : state)
        benchmark::DoNotOptimize(agree(traits, traits));
}
BENCHMARK(compare_two_identities);

void plan_one_changed_field(benchmark::State& state) {
    const Digester digests = digester();
    Patient patient = assess(record(), IdentityPolicy()).patient;
    Baselines baselines;
    baselines.his.fields = baselines.medicapp.fields = digests.fields(patient);
    patient[Field::city] = FieldValue::known("Lyon");
    SideView his;
    his.fields = digests.fields(patient);
    const Policy policy;
    for (auto _ : state)
        benchmark::DoNotOptimize(
            plan_update(&baselines, his, FieldSet(), baselines.medicapp, policy));
}
BENCHMARK(plan_one_changed_field);

} // namespace
} // namespace medibridge::reconcile
