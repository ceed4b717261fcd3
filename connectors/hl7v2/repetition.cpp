#include "connectors/hl7v2/repetition.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <charconv>

namespace medibridge::connectors::hl7 {

using reconcile::FieldValue;

namespace {

constexpr std::size_t longest_entity = 10;

/// `&eacute;`, `&#233;`, `&#xE9;`.
bool holds_entity(std::string_view text) {
    for (auto at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
        auto rest = text.substr(at + 1);
        if (rest.starts_with('#')) rest.remove_prefix(1);
        const auto* end = std::ranges::find_if_not(
            rest, [](char c) { return base::is_ascii_letter(c) || base::is_ascii_digit(c); });
        const auto size = static_cast<std::size_t>(end - rest.begin());
        if (size > 0 && size <= longest_entity && end != rest.end() && *end == ';') return true;
    }
    return false;
}

} // namespace

std::string_view Repetition::raw(std::size_t component) const {
    return part(whole_, rules_->leaves.delimiters().component, component);
}

std::string_view Repetition::leaf(std::size_t component, std::size_t subcomponent) const {
    const auto all = raw(component);
    if (holds_entity(all)) return subcomponent == 1 ? all : std::string_view();
    return part(all, rules_->leaves.delimiters().subcomponent, subcomponent);
}

bool Repetition::is_emptied(std::size_t component, std::size_t subcomponent) const {
    return is_null(leaf(component, subcomponent));
}

std::string Repetition::text(std::size_t component, std::size_t subcomponent) const {
    if (is_emptied(component, subcomponent)) return {};
    const auto decoded = rules_->leaves.text(leaf(component, subcomponent));
    return std::string(reconcile::trim(decoded));
}

FieldValue Repetition::value(std::size_t component, std::size_t subcomponent) const {
    if (is_emptied(component, subcomponent)) return FieldValue::cleared();
    auto its_text = text(component, subcomponent);
    return its_text.empty() ? FieldValue() : FieldValue::known(std::move(its_text));
}

Period Repetition::period(std::size_t range, std::size_t effective, std::size_t expiration) const {
    const auto one = [this, range](std::size_t own, std::size_t end) {
        auto its_text = own == 0 ? std::string() : text(own);
        return its_text.empty() && range != 0 ? text(range, end) : its_text;
    };
    return read_period(one(effective, 1), one(expiration, 2), rules_->clock);
}

std::vector<Repetition> repetitions(std::string_view field, const FieldRules& rules) {
    const auto& delimiters = rules.leaves.delimiters();
    std::vector<Repetition> all;
    for_each_part(field, delimiters.repetition, [&](std::string_view whole) {
        const bool says_something = std::ranges::any_of(whole, [&delimiters](char c) {
            return c != delimiters.component && c != delimiters.subcomponent &&
                   !base::is_ascii_space(c);
        });
        if (says_something) all.emplace_back(whole, rules);
    });
    return all;
}

int preference(std::string_view text) {
    int number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, number);
    const bool is_number = failure == std::errc() && stop == end && number > 0;
    return is_number ? std::min(number, last_preference) : last_preference;
}

std::optional<Repetition> chosen(const std::vector<Offer>& offers, const FieldRules& rules,
                                 const std::function<bool(const Repetition&)>& is_usable) {
    std::vector<Candidate> candidates;
    for (const auto& offer : offers)
        candidates.push_back(offer.candidate);
    const auto place = choose(candidates, rules.now,
                              [&](std::size_t i) { return is_usable(offers[i].repetition); });
    if (!place) return std::nullopt;
    return offers[*place].repetition;
}

} // namespace medibridge::connectors::hl7
