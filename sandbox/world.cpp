#include "sandbox/world.hpp"

#include "sandbox/invent.hpp"
#include "sandbox/switches.hpp"

#include <stdexcept>

namespace medibridge::sandbox {

namespace {

/// One seed gives several independent sequences.
enum Purpose : std::uint64_t { choose_key = 101, choose_patients, choose_faults, choose_preload };

Settings completed(Settings settings) {
    if (!settings.medicapp.api_key.empty()) return settings;
    Random random(settings.seed + choose_key);
    settings.medicapp.api_key = "sk_sandbox_";
    for (int i = 0; i < 24; ++i)
        settings.medicapp.api_key += "abcdefghijkmnpqrstuvwxyz23456789"[random.below(32)];
    return settings;
}

} // namespace

World::World(Settings given, std::shared_ptr<const Clock> machine_clock)
    : settings(completed(std::move(given))),
      clock(std::move(machine_clock)),
      random(settings.seed + choose_patients),
      medicapp_store(settings.medicapp.list_order, settings.seed),
      faults(settings.seed + choose_faults),
      medicapp_api(settings, medicapp_store, *clock),
      his_api(settings, his_store, *clock),
      fhir_api(settings, his_store, *clock),
      his_face(his_api, fhir_api),
      medicapp(Side::medicapp, medicapp_api, faults),
      his(Side::his, his_face, faults) {
    faults.replace(settings.faults);
    fill();
    preload();
}

void World::fill() {
    const auto& population = settings.population;
    if (!population.his_data.empty()) {
        loaded = load_his_file(population.his_data, settings.seed, his_store);
        return;
    }
    for (std::uint64_t n = 0; n < population.patients; ++n)
        his_store.put(invented(settings.seed, n, population.invalid_share));
}

void World::preload() {
    const double linked = settings.population.preload;
    const double unlinked = settings.population.preload_unlinked;
    if (linked <= 0 && unlinked <= 0) return;
    Random chooser(settings.seed + choose_preload);
    std::string buffer;
    for (Slot slot = 0; slot < his_store.slots(); ++slot) {
        const bool with_link = chooser.chance(linked);
        const bool without_link = chooser.chance(unlinked);
        if (!with_link && !without_link) continue;
        auto texts = medicapp_view(his_store[slot], buffer);
        if (!texts) continue;
        if (!with_link) (*texts)[external_id].reset();
        medicapp_store.add(*texts, his_store[slot].modified, 0);
    }
}

std::optional<std::string> World::set(std::string_view name, std::string_view value) {
    auto mistake = set_switch(settings, name, value);
    if (!mistake) medicapp_store.set_order(settings.medicapp.list_order);
    return mistake;
}

std::uint64_t World::edit_his(std::uint64_t count) {
    for (std::uint64_t done = 0; done < count; ++done) {
        const auto slot = his_store.any(random);
        if (!slot) return done;
        HisDraft draft = his_store.draft(*slot);
        edit(draft, random);
        draft.modified = his_api.now();
        his_store.replace(*slot, draft);
    }
    return count;
}

std::uint64_t World::edit_medicapp(std::uint64_t count) {
    std::string buffer;
    for (std::uint64_t done = 0; done < count; ++done) {
        const auto slot = medicapp_store.any(random);
        if (!slot) return done;
        auto texts = medicapp_store[*slot].texts.views();
        edit(texts, random, buffer);
        medicapp_api.change(*slot, texts);
    }
    return count;
}

std::uint64_t World::erase_medicapp(std::uint64_t count) {
    for (std::uint64_t done = 0; done < count; ++done) {
        const auto slot = medicapp_store.any(random);
        if (!slot) return done;
        medicapp_store.erase(*slot);
    }
    return count;
}

} // namespace medibridge::sandbox
