#include "connectors/his/fhir_elements.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace medibridge::connectors {
namespace {

/// The arc of the French national health identity (INS).
constexpr std::string_view national_identity = "urn:oid:1.2.250.1.213.1.4.";

/// Where a use stands in an order of preference; unknown words come last.
template <std::size_t N>
std::size_t rank(std::string_view use, const std::array<std::string_view, N>& order) {
    return static_cast<std::size_t>(std::ranges::find(order, use) - order.begin());
}

bool is_old(const JsonValue& element) {
    return element["use"].text() == "old";
}

/// The first of the elements with the least rank; null if there is none. `rank_of` gives nothing
/// for what does not count.
template <class RankOf>
const JsonValue* best(const JsonValue& list, RankOf rank_of) {
    const JsonValue* chosen = nullptr;
    std::size_t least = std::numeric_limits<std::size_t>::max();
    for (const auto& element : list.items()) {
        if (!element.is_object()) continue;
        const std::optional<std::size_t> its = rank_of(element);
        if (!its || (chosen != nullptr && *its >= least)) continue;
        chosen = &element;
        least = *its;
    }
    return chosen;
}

bool has_family(const JsonValue& name) {
    return !name["family"].text().empty();
}

std::string_view first_given(const JsonValue& name) {
    for (const auto& given : name["given"].items()) {
        if (given.text().find_first_not_of(" \t") != std::string_view::npos) return given.text();
    }
    return {};
}

/// The code of a Coding or a CodeableConcept.
std::string_view code_in(const JsonValue& extension) {
    for (const std::string_view member : {"valueCoding", "valueCode"}) {
        const auto& value = extension[member];
        const auto code = value.is_text() ? value.text() : value["code"].text();
        if (!code.empty()) return code;
    }
    for (const auto& coding : extension["valueCodeableConcept"]["coding"].items()) {
        if (!coding["code"].text().empty()) return coding["code"].text();
    }
    return {};
}

} // namespace

bool is_over(const JsonValue& element, std::optional<reconcile::Instant> now) {
    const auto end = element["period"]["end"].text();
    if (end.empty() || !now) return false;
    if (const auto moment = reconcile::parse_rfc3339(end)) return moment->instant < *now;
    const auto today = reconcile::format_rfc3339(*now, reconcile::Precision::seconds);
    const auto length = std::min<std::size_t>(end.size(), 10);
    return end.substr(0, length) < std::string_view(today).substr(0, length);
}

FhirIdentifiers identifiers_of(const JsonValue& patient, const FhirRules& rules) {
    static constexpr std::array<std::string_view, 4> uses = {"usual", "official", "", "secondary"};
    FhirIdentifiers found;
    if (rules.identifier_system.empty() || rules.identifier_system.starts_with(national_identity))
        return found;
    const auto is_ours = [&rules](const JsonValue& identifier) {
        return identifier["system"].text() == rules.identifier_system;
    };
    const auto* current = best(patient["identifier"], [&](const JsonValue& identifier) {
        std::optional<std::size_t> its;
        if (!is_ours(identifier) || is_old(identifier) || identifier["value"].text().empty())
            return its;
        its = rank(identifier["use"].text(), uses) + (is_over(identifier, rules.now) ? 100 : 0);
        return its;
    });
    if (current != nullptr) found.current = (*current)["value"].text();
    for (const auto& identifier : patient["identifier"].items()) {
        if (!is_ours(identifier)) continue;
        const auto value = identifier["value"].text();
        if (value.empty()) {
            found.unreadable = found.unreadable || !identifier["value"].is_absent();
        } else if (!is_old(identifier)) {
            const bool other = value != found.current && !is_over(identifier, rules.now);
            found.several = found.several || other;
        } else if (value != found.current &&
                   std::ranges::find(found.former, value) == found.former.end()) {
            found.former.emplace_back(value);
        }
    }
    return found;
}

FhirNames names_of(const JsonValue& patient, const FhirRules& rules) {
    static constexpr std::array<std::string_view, 4> uses = {"official", "maiden", "", "usual"};
    const auto with = [&](auto fits) {
        return best(patient["name"], [&](const JsonValue& name) {
            std::optional<std::size_t> its;
            if (!is_old(name) && fits(name))
                its = rank(name["use"].text(), uses) * 2 + (is_over(name, rules.now) ? 1 : 0);
            return its;
        });
    };
    FhirNames names;
    const auto* birth = with(has_family);
    const auto* usual = with(
        [](const JsonValue& name) { return name["use"].text() == "usual" && has_family(name); });
    const auto* given = with([](const JsonValue& name) { return !first_given(name).empty(); });
    if (birth != nullptr) {
        names.birth = (*birth)["family"].text();
        names.given = first_given(*birth);
    }
    if (usual != nullptr && usual != birth) names.usual = (*usual)["family"].text();
    if (names.given.empty() && given != nullptr) names.given = first_given(*given);
    return names;
}

std::string_view telecom_of(const JsonValue& patient, std::string_view system,
                            const FhirRules& rules) {
    static constexpr std::array<std::string_view, 4> uses = {"home", "", "temp", "work"};
    constexpr std::int64_t no_rank = 1'000; // behind every rank that is given
    const auto* chosen = best(patient["telecom"], [&](const JsonValue& contact) {
        std::optional<std::size_t> its;
        if (contact["system"].text() != system || contact["value"].text().empty() ||
            is_old(contact) || is_over(contact, rules.now))
            return its;
        const auto use = contact["use"].text();
        const auto given =
            std::clamp<std::int64_t>(contact["rank"].count().value_or(no_rank), 0, no_rank);
        its = (use == "mobile" ? 0 : 100'000) + static_cast<std::size_t>(given) * 10 +
              rank(use, uses);
        return its;
    });
    return chosen == nullptr ? std::string_view() : (*chosen)["value"].text();
}

const JsonValue& address_of(const JsonValue& patient, const FhirRules& rules) {
    static constexpr std::array<std::string_view, 4> uses = {"home", "", "temp", "work"};
    static const JsonValue none;
    const auto* chosen = best(patient["address"], [&](const JsonValue& address) {
        std::optional<std::size_t> its;
        if (is_old(address) || is_over(address, rules.now)) return its;
        its = rank(address["use"].text(), uses) + (address["type"].text() == "postal" ? 10 : 0);
        return its;
    });
    return chosen == nullptr ? none : *chosen;
}

std::string street_of(const JsonValue& address) {
    std::string street;
    for (const auto& line : address["line"].items()) {
        if (line.text().empty()) continue;
        if (!street.empty()) street += ", ";
        street += line.text();
    }
    return street;
}

std::string_view identity_status_of(const JsonValue& patient) {
    for (const auto& extension : patient["extension"].items()) {
        if (extension["url"].text().find("identity-reliability") == std::string_view::npos)
            continue;
        for (const auto& part : extension["extension"].items()) {
            const auto url = part["url"].text();
            const bool is_status = url == "identityStatus" || url == "identityreliability" ||
                                   url == "identityReliability";
            if (is_status && !code_in(part).empty()) return code_in(part);
        }
        if (!code_in(extension).empty()) return code_in(extension);
    }
    return {};
}

} // namespace medibridge::connectors
