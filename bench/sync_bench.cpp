#include "sync/core/delivery.hpp"
#include "sync/core/judgement.hpp"
#include "sync/core/settlement.hpp"
#include "sync/core/views.hpp"

#include <benchmark/benchmark.h>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

/// What deciding costs, without reading, looking up, sending and recording.
namespace medibridge::sync {
namespace {

using reconcile::Field;
using reconcile::FieldValue;

reconcile::Digester digester_of_zeros() {
    const std::vector<std::uint8_t> key(reconcile::Digester::key_size);
    return reconcile::Digester(key);
}

struct Hospital {
    reconcile::Digester digester = digester_of_zeros();
    Settings settings;
    Request request;
    std::set<std::string> sources{"his"};
    reconcile::Clocks clocks;
    Rules rules{digester, settings, request, sources, clocks};

    static reconcile::Assessed record() {
        reconcile::Assessed record;
        record.patient = reconcile::Patient("IPP-0000123456");
        const std::pair<Field, const char*> values[] = {
            {Field::last_name, "LE GOFF"},        {Field::first_name, "Anne-Sophie"},
            {Field::birth_date, "1984-02-29"},    {Field::gender, "F"},
            {Field::email, "anne@example.fr"},    {Field::phone, "+33612345678"},
            {Field::street, "12 rue des Écoles"}, {Field::city, "Saint-Étienne"},
            {Field::postal_code, "42000"},        {Field::country, "France"},
        };
        for (const auto& [field, value] : values)
            record.patient[field] = FieldValue::known(value);
        record.modified_at = reconcile::Instant(std::chrono::hours(1));
        return record;
    }

    state::Known linked() const {
        state::Link link;
        link.external_id = "IPP-0000123456";
        link.medicapp_id = "7b1c9f3e-0d53-4a55-a3d5-6f5f6a7b8c9d";
        link.source = "his";
        link.baselines.his = his_view(record(), digester);
        link.baselines.medicapp = link.baselines.his;
        state::Known known;
        known.link = std::make_shared<const state::Link>(std::move(link));
        return known;
    }
};

void decide_a_new_patient(benchmark::State& state) {
    const Hospital hospital;
    const auto record = Hospital::record();
    for (auto _ : state) {
        auto item = item_of(hospital.rules, "his", record, {});
        judge_item(hospital.rules, item, {});
        benchmark::DoNotOptimize(item);
    }
}
BENCHMARK(decide_a_new_patient);

void decide_an_agreed_patient(benchmark::State& state) {
    const Hospital hospital;
    const auto record = Hospital::record();
    const auto known = hospital.linked();
    for (auto _ : state) {
        auto item = item_of(hospital.rules, "his", record, known);
        judge_item(hospital.rules, item, {});
        benchmark::DoNotOptimize(item);
    }
}
BENCHMARK(decide_an_agreed_patient);

/// From the intent to what follows from Medicapp's answer.
void settle_and_conclude_a_create(benchmark::State& state) {
    const Hospital hospital;
    Observations observations;
    auto item = item_of(hospital.rules, "his", Hospital::record(), {});
    judge_item(hospital.rules, item, {});
    connectors::MedicappPatient answer;
    answer.id = "7b1c9f3e-0d53-4a55-a3d5-6f5f6a7b8c9d";
    answer.patient = item.record.patient;
    answer.shown = reconcile::every_field();
    for (auto _ : state) {
        auto chunk = settle_chunk(hospital.rules, observations, {item}, false);
        auto& delivery = chunk.deliveries.front();
        benchmark::DoNotOptimize(delivery.start());
        benchmark::DoNotOptimize(delivery.answered(answer));
    }
}
BENCHMARK(settle_and_conclude_a_create);

} // namespace
} // namespace medibridge::sync
