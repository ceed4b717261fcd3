#include "connectors/fhir_resource/elements.hpp"

#include "connectors/json/parse.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

namespace medibridge::connectors {

using reconcile::Field;

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

/// The element of a list that counts: of those with a rank, by choose(). Null: there is none.
/// `rank_of` gives nothing for what does not count.
template <class RankOf, class Usable>
const JsonValue* chosen(const JsonValue& list, std::optional<reconcile::Instant> now,
                        RankOf rank_of, Usable usable) {
    std::vector<const JsonValue*> elements;
    std::vector<Candidate> candidates;
    for (const auto& element : list.items()) {
        if (!element.is_object()) continue;
        const std::optional<std::size_t> its = rank_of(element);
        if (!its) continue;
        elements.push_back(&element);
        candidates.push_back({period_of(element), static_cast<int>(*its)});
    }
    const auto at =
        choose(candidates, now, [&](std::size_t position) { return usable(*elements[position]); });
    return at ? elements[*at] : nullptr;
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

bool says_nothing(const JsonValue& value) {
    return value.is_absent() ||
           (value.is_text() && value.text().find_first_not_of(" \t\r\n") == std::string_view::npos);
}

constexpr std::size_t behind_mobile = 100'000;

/// By `rank`, 1 first (https://hl7.org/fhir/R4/datatypes.html#ContactPoint), then by use. Nothing:
/// it does not count.
std::optional<std::size_t> contact_rank(const JsonValue& contact) {
    static constexpr std::array<std::string_view, 5> uses = {"mobile", "home", "", "work", "temp"};
    constexpr std::int64_t no_rank = 1'000; // behind every rank that is given
    if (contact["value"].text().empty() || is_old(contact)) return std::nullopt;
    const auto given = contact["rank"].count().value_or(no_rank);
    return static_cast<std::size_t>(std::clamp<std::int64_t>(given, 0, no_rank)) * 10 +
           rank(contact["use"].text(), uses);
}

/// Year, month and day as far as they are written: 1980, 1980-05, 1980-05-12.
std::optional<std::chrono::sys_days> day_of(std::string_view text, int& parts) {
    std::array<int, 3> numbers{1, 1, 1};
    parts = 0;
    while (!text.empty() && parts < 3) {
        const std::size_t width = parts == 0 ? 4 : 2;
        if (text.size() < width) return std::nullopt;
        const auto* end = text.data() + width;
        const auto [stop, failure] = std::from_chars(text.data(), end, numbers[parts]);
        if (failure != std::errc() || stop != end) return std::nullopt;
        text.remove_prefix(width);
        ++parts;
        if (text.empty()) break;
        if (text.front() != '-') return std::nullopt;
        text.remove_prefix(1);
    }
    const std::chrono::year_month_day day{std::chrono::year(numbers[0]),
                                          std::chrono::month(static_cast<unsigned>(numbers[1])),
                                          std::chrono::day(static_cast<unsigned>(numbers[2]))};
    if (parts == 0 || !text.empty() || !day.ok()) return std::nullopt;
    return std::chrono::sys_days(day);
}

std::optional<reconcile::Instant> first_moment(std::string_view text) {
    if (const auto moment = reconcile::parse_rfc3339(text)) return moment->instant;
    int parts = 0;
    const auto day = day_of(text, parts);
    if (!day) return std::nullopt;
    return reconcile::Instant(*day);
}

/// The first moment that is behind what the text says.
std::optional<reconcile::Instant> moment_after(std::string_view text) {
    using namespace std::chrono;
    if (const auto moment = reconcile::parse_rfc3339(text)) {
        const bool whole = moment->precision == reconcile::Precision::seconds;
        return moment->instant + (whole ? milliseconds(1000) : milliseconds(1));
    }
    int parts = 0;
    const auto day = day_of(text, parts);
    if (!day) return std::nullopt;
    const year_month_day last(*day);
    if (parts == 1) return reconcile::Instant(sys_days((last.year() + years(1)) / January / 1));
    if (parts == 2)
        return reconcile::Instant(sys_days((last.year() / last.month() + months(1)) / 1));
    return reconcile::Instant(*day + days(1));
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

Period period_of(const JsonValue& element) {
    const auto& period = element["period"];
    return {first_moment(period["start"].text()), moment_after(period["end"].text())};
}

namespace {

/// The values of a patient's identifiers, by how they are used.
class IdentifierChoice {
  public:
    IdentifierChoice(const JsonValue& list, const FhirRules& rules) : list_(list), rules_(rules) {}

    FhirIdentifiers run() {
        choose_current();
        for (const auto& identifier : list_.items())
            if (is_ours(identifier)) note(identifier);
        if (found_.undecided) add(found_.others, std::exchange(found_.current, {}));
        return std::move(found_);
    }

  private:
    bool is_ours(const JsonValue& identifier) const {
        return identifier["system"].text() == rules_.identifier_system;
    }

    std::optional<std::size_t> rank_of(const JsonValue& identifier) const {
        static constexpr std::array<std::string_view, 4> uses = {"usual", "official", "",
                                                                 "secondary"};
        if (!is_ours(identifier) || is_old(identifier) || identifier["value"].text().empty())
            return std::nullopt;
        return rank(identifier["use"].text(), uses);
    }

    void choose_current() {
        const auto its_rank = [this](const JsonValue& identifier) { return rank_of(identifier); };
        const auto is_one = [](const JsonValue& identifier) {
            return is_usable_external_id(identifier["value"].text());
        };
        now_ = rules_.now;
        const auto* current = chosen(list_, now_, its_rank, is_one);
        // Somebody of whom only a former number is known is known by that.
        if (current == nullptr) now_.reset();
        if (current == nullptr) current = chosen(list_, now_, its_rank, is_one);
        if (current == nullptr) return;
        found_.current = (*current)["value"].text();
        rank_ = rank_of(*current);
    }

    void note(const JsonValue& identifier) {
        const auto value = identifier["value"].text();
        found_.numbers.emplace_back(value);
        if (value.empty()) {
            found_.unreadable = found_.unreadable || !identifier["value"].is_absent();
        } else if (value != found_.current) {
            const bool old = is_old(identifier);
            if (old || is_usable_external_id(value))
                add(old ? found_.former : found_.others, value);
            if (!old) compare(identifier, value);
        }
    }

    /// A value other than the current one that was not given up.
    void compare(const JsonValue& identifier, std::string_view value) {
        const auto period = period_of(identifier);
        found_.several = found_.several || period.holds(rules_.now);
        const bool is_as_good =
            is_usable_external_id(value) && period.holds(now_) && rank_of(identifier) == rank_;
        found_.undecided = found_.undecided || is_as_good;
    }

    static void add(std::vector<std::string>& values, std::string_view value) {
        if (std::ranges::find(values, value) == values.end()) values.emplace_back(value);
    }

    const JsonValue& list_;
    const FhirRules& rules_;
    std::optional<reconcile::Instant> now_; ///< when the current one holds; nothing: none does now
    std::optional<std::size_t> rank_;       ///< of the current one
    FhirIdentifiers found_;
};

} // namespace

FhirIdentifiers identifiers_of(const JsonValue& patient, const FhirRules& rules) {
    if (rules.identifier_system.empty() || rules.identifier_system.starts_with(national_identity))
        return {};
    return IdentifierChoice(patient["identifier"], rules).run();
}

namespace {

bool is_usable_name(const JsonValue& name) {
    const auto given = first_given(name);
    return is_usable(Field::last_name, name["family"].text(), {}) &&
           (given.empty() || is_usable(Field::first_name, given, {}));
}

/// The name with the least rank among those that fit and hold now. A maiden name remains one
/// forever.
const JsonValue* name_that(const JsonValue& patient, const FhirRules& rules,
                           bool (*fits)(const JsonValue&), bool (*usable)(const JsonValue&)) {
    static constexpr std::array<std::string_view, 6> uses = {"official", "maiden",   "",
                                                             "usual",    "nickname", "temp"};
    const auto of = [&](bool maiden) {
        return [fits, maiden](const JsonValue& name) {
            std::optional<std::size_t> its;
            const auto use = name["use"].text();
            if (is_old(name) || use == "anonymous" || !fits(name)) return its;
            if (!maiden || use == "maiden") its = rank(use, uses);
            return its;
        };
    };
    const auto* best = chosen(patient["name"], rules.now, of(false), usable);
    const auto* maiden = chosen(patient["name"], std::nullopt, of(true), usable);
    const bool official = best != nullptr && (*best)["use"].text() == "official" && usable(*best);
    return maiden != nullptr && usable(*maiden) && !official ? maiden : best;
}

} // namespace

FhirNames names_of(const JsonValue& patient, const FhirRules& rules) {
    FhirNames names;
    const auto* birth = name_that(patient, rules, has_family, is_usable_name);
    const auto* usual = name_that(
        patient, rules,
        [](const JsonValue& name) { return name["use"].text() == "usual" && has_family(name); },
        is_usable_name);
    const auto has_given = [](const JsonValue& name) { return !first_given(name).empty(); };
    const auto* given = name_that(patient, rules, has_given, [](const JsonValue& name) {
        return is_usable(Field::first_name, first_given(name), {});
    });
    if (birth != nullptr) {
        names.birth = (*birth)["family"].text();
        names.given = first_given(*birth);
    }
    if (usual != nullptr && usual != birth) names.usual = (*usual)["family"].text();
    if (names.given.empty() && given != nullptr) names.given = first_given(*given);
    return names;
}

std::string_view phone_of(const JsonValue& patient, const FhirRules& rules) {
    const auto rank_of = [](const JsonValue& contact) {
        const auto system = contact["system"].text();
        std::optional<std::size_t> its;
        if (system != "phone" && system != "sms") return its;
        its = contact_rank(contact);
        if (its && system != "sms" && contact["use"].text() != "mobile") *its += behind_mobile;
        return its;
    };
    const auto* contact = chosen(patient["telecom"], rules.now, rank_of, [&](const JsonValue& it) {
        return is_usable(Field::phone, it["value"].text(), rules.region);
    });
    return contact == nullptr ? std::string_view() : (*contact)["value"].text();
}

std::string_view email_of(const JsonValue& patient, const FhirRules& rules) {
    const auto rank_of = [](const JsonValue& contact) {
        const bool fits = contact["system"].text() == "email";
        return fits ? contact_rank(contact) : std::optional<std::size_t>();
    };
    const auto* contact = chosen(patient["telecom"], rules.now, rank_of, [](const JsonValue& it) {
        return is_usable(Field::email, it["value"].text(), {});
    });
    return contact == nullptr ? std::string_view() : (*contact)["value"].text();
}

bool is_usable_address(const JsonValue& address) {
    const auto street = street_of(address);
    const auto fits = [&address](Field field, std::string_view name) {
        const auto& part = address[name];
        return says_nothing(part) || is_usable(field, part.text(), {});
    };
    return (street.empty() || is_usable(Field::street, street, {})) && fits(Field::city, "city") &&
           fits(Field::postal_code, "postalCode") && fits(Field::country, "country");
}

const JsonValue& address_of(const JsonValue& patient, const FhirRules& rules) {
    static constexpr std::array<std::string_view, 5> uses = {"home", "", "work", "billing", "temp"};
    static const JsonValue none;
    const auto rank_of = [](const JsonValue& address) {
        std::optional<std::size_t> its;
        const bool names_a_place = !address["city"].is_absent() ||
                                   !address["postalCode"].is_absent() ||
                                   !street_of(address).empty();
        if (is_old(address) || !names_a_place) return its;
        const bool is_town_alone =
            street_of(address).empty() && says_nothing(address["postalCode"]);
        its = rank(address["use"].text(), uses) + (address["type"].text() == "postal" ? 10 : 0) +
              (is_town_alone ? 100 : 0);
        return its;
    };
    const auto would_be_taken = [](const JsonValue& address) {
        return !says_nothing(address["city"]) && is_usable_address(address);
    };
    const auto* address = chosen(patient["address"], rules.now, rank_of, would_be_taken);
    return address == nullptr ? none : *address;
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
