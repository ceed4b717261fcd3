#include "base/bytes/encode.hpp"
#include "state/key_file.hpp"
#include "state/sqlite_store.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <span>
#include <string_view>

/// Adds linked patients to a state that nobody uses, each with its line in the audit as a first
/// load writes it: what a large state costs can then be measured without a large hospital.
namespace {

using namespace medibridge;

constexpr std::int64_t at_a_time = 250;
/// Of the canonical fields, those that a usual patient has.
constexpr std::size_t known_fields = 8;
/// Spreads the ids of Medicapp as random ones are.
constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;

std::string uuid(std::uint64_t number) {
    const std::uint64_t high = number * odd;
    const std::uint64_t low = high * odd;
    using base::hex_number;
    return hex_number(high >> 32, 8) + '-' + hex_number(high >> 16, 4) + "-4" +
           hex_number(high, 3) + "-a" + hex_number(low >> 52, 3) + '-' + hex_number(low, 12);
}

void add(state::Store& store, std::int64_t first, std::int64_t count) {
    state::Batch batch;
    for (std::int64_t number = first; number < first + count; ++number) {
        state::Link link;
        link.external_id = std::to_string(8'000'000'000 + number);
        link.medicapp_id = uuid(static_cast<std::uint64_t>(number));
        link.source = "dpi";
        for (std::size_t field = 0; field < known_fields; ++field) {
            auto& digest = link.baselines.his.fields[field];
            for (std::size_t byte = 0; byte < digest.size(); ++byte)
                digest[byte] = static_cast<std::uint8_t>(
                    (static_cast<std::uint64_t>(number) * odd >> 8 * (byte % 8)) + field + 1);
        }
        link.baselines.medicapp.fields = link.baselines.his.fields;
        link.baselines.his.modified_at =
            reconcile::Instant(std::chrono::milliseconds(1'700'000'000'000));
        link.baselines.medicapp.modified_at = link.baselines.his.modified_at;
        batch.audit({link.external_id,
                     link.medicapp_id,
                     "created",
                     "lastName,firstName,birthDate,gender,email,phone,address.street,address.city",
                     {}});
        batch.put_link(std::move(link));
    }
    store.commit(batch);
}

int run(std::span<char*> arguments) {
    if (arguments.size() != 3) {
        std::cerr << "fill_state STATE COUNT: adds COUNT linked patients to the state, whose key "
                     "stands beside it\n";
        return 64;
    }
    const std::filesystem::path path = arguments[1];
    const std::string_view given = arguments[2];
    std::int64_t count = 0;
    std::from_chars(given.begin(), given.end(), count);
    const auto key = state::read_or_make_key(path.string() + ".key");
    const auto store = state::open_sqlite(path, state::AuditSeal(state::KeyRing(key)));
    for (std::int64_t first = 0; first < count; first += at_a_time)
        add(*store, first, std::min(at_a_time, count - first));
    return 0;
}

} // namespace

int main(int count, char** arguments) {
    try {
        return run({arguments, static_cast<std::size_t>(count)});
    } catch (const std::exception& error) {
        std::cerr << "fill_state: " << error.what() << '\n';
        return 70;
    }
}
