#include "connectors/hl7v2/identifier.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>

namespace medibridge::connectors::hl7 {

namespace {

constexpr std::size_t day_size = 8;

struct Found {
    std::string id;
    bool typed = false;
    bool out_of_time = false; ///< it has expired, or is yet to come
};

enum class Owner { nobody, ours, others };

/// HD: namespace & universal identifier & its type.
Owner owner_of(std::string_view authority_field, std::string_view type, std::string_view authority,
               const Leaves& leaves) {
    const char separator = leaves.delimiters().subcomponent;
    const auto name = leaves.text(part(authority_field, separator, 1));
    const auto universal = leaves.text(part(authority_field, separator, 2));
    const auto shown = reconcile::trim(name);
    const auto oid = reconcile::trim(universal);
    constexpr std::array<std::string_view, 5> national_types{"INS", "INS-NIR", "INS-NIA", "INS-C",
                                                             "NH"};
    const bool national = std::ranges::find(national_types, type) != national_types.end();
    if (national || is_national_authority(shown) || is_national_authority(oid))
        return Owner::nobody;
    if ((shown.empty() || is_null(shown)) && (oid.empty() || is_null(oid))) return Owner::nobody;
    return shown == authority || oid == authority ? Owner::ours : Owner::others;
}

/// Whether the first day lies before the second; false where one of them is none.
bool is_before(std::string_view first, std::string_view second) {
    first = first.substr(0, day_size);
    second = second.substr(0, day_size);
    const auto is_day = [](std::string_view text) {
        return text.size() == day_size && std::ranges::all_of(text, base::is_ascii_digit);
    };
    return is_day(first) && is_day(second) && first < second;
}

/// Removes those for which `worse` holds, unless it holds for all.
template <class Worse>
void prefer(std::vector<Found>& found, const Worse& worse) {
    if (std::ranges::all_of(found, worse)) return;
    std::erase_if(found, worse);
}

} // namespace

bool is_national_authority(std::string_view authority) {
    return authority.starts_with("1.2.250.1.213.1.4.") || authority == "1.2.250.1.213.1.4" ||
           authority.starts_with("ASIP-SANTE-INS");
}

Identifiers read_identifiers(std::string_view field, std::string_view authority,
                             std::string_view day, const Leaves& leaves) {
    const auto& delimiters = leaves.delimiters();
    Identifiers result;
    std::vector<Found> found;
    for_each_part(field, delimiters.repetition, [&](std::string_view repetition) {
        const auto component = [&](std::size_t n) {
            return part(repetition, delimiters.component, n);
        };
        auto id = leaves.text(component(1));
        if (reconcile::trim(id).empty() || is_null(component(1))) return;
        const auto type = leaves.text(component(5));
        const auto kind = reconcile::trim(type);
        const auto owner = owner_of(component(4), kind, authority, leaves);
        result.foreign = result.foreign || owner == Owner::others;
        if (owner != Owner::ours || (!kind.empty() && kind != "PI")) return;
        const auto effective = part(component(7), delimiters.subcomponent, 1);
        const auto expires = part(component(8), delimiters.subcomponent, 1);
        found.push_back({std::string(reconcile::trim(id)), !kind.empty(),
                         is_before(expires, day) || is_before(day, effective)});
    });
    prefer(found, [](const Found& one) { return !one.typed; });
    prefer(found, [](const Found& one) { return one.out_of_time; });
    for (auto& one : found) {
        if (std::ranges::find(result.ours, one.id) == result.ours.end())
            result.ours.push_back(std::move(one.id));
    }
    return result;
}

} // namespace medibridge::connectors::hl7
