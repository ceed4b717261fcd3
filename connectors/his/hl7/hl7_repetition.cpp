#include "connectors/his/hl7/hl7_repetition.hpp"

#include "reconcile/text.hpp"

#include <algorithm>
#include <charconv>

namespace medibridge::connectors::hl7 {

using reconcile::FieldValue;

std::string_view Repetition::raw(std::size_t component) const {
    return part(whole_, rules_->leaves.delimiters().component, component);
}

bool Repetition::is_emptied(std::size_t component, std::size_t subcomponent) const {
    const char separator = rules_->leaves.delimiters().subcomponent;
    return is_null(part(raw(component), separator, subcomponent));
}

std::string Repetition::text(std::size_t component, std::size_t subcomponent) const {
    if (is_emptied(component, subcomponent)) return {};
    const char separator = rules_->leaves.delimiters().subcomponent;
    const auto decoded = rules_->leaves.text(part(raw(component), separator, subcomponent));
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
                   !reconcile::is_ascii_space(c);
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
