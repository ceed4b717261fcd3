#include "combination.hpp"
#include "tests/environment_number.hpp"
#include "tests/sanitized.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace medibridge::tests {

namespace {

/// Which of the samples is due today.
std::size_t today(std::size_t samples) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto days = std::chrono::duration_cast<std::chrono::days>(now).count();
    return environment_number("MEDIBRIDGE_MATRIX_SAMPLE", static_cast<std::size_t>(days)) % samples;
}

/// Spreads neighbouring numbers, so that a sample has all values of each switch.
std::size_t scattered(std::size_t number) {
    return (number * 2654435761u >> 7) & 0xffff;
}

} // namespace

const std::array<Combination::Switch, 7>& Combination::switches() {
    static const std::array<Switch, 7> all{{
        {"list-order", {"created", "modified", "id", "shuffled"}},
        {"put-null", {"clears", "ignored", "rejected"}},
        {"put-names", {"allow", "refuse", "ignore"}},
        {"retry-after", {"seconds", "date", "ratelimit", "none"}},
        {"modified-after", {"inclusive", "exclusive"}},
        {"precision", {"s", "ms"}},
        {"visibility-lag", {"0", "300"}},
    }};
    return all;
}

std::size_t Combination::count() {
    std::size_t count = 1;
    for (const auto& one : switches())
        count *= one.values.size();
    return count;
}

Combination::Combination(std::size_t number) : number_(number), values_() {
    std::size_t rest = number;
    for (std::size_t i = switches().size(); i-- > 0;) {
        const auto& values = switches()[i].values;
        values_[i] = values[rest % values.size()];
        rest /= values.size();
    }
}

std::string_view Combination::value(std::string_view switch_name) const {
    for (std::size_t i = 0; i < values_.size(); ++i) {
        if (switches()[i].name == switch_name) return values_[i];
    }
    throw std::invalid_argument("no such switch");
}

std::string_view Combination::form() const {
    // Their number has no divisor in common with that of any switch's values. Most are as today:
    // each comparison of the forms costs requests, which wait for the rate.
    static constexpr std::array<std::string_view, 11> forms{
        "ignored", "data",    "ignored", "bundle",  "ignored", "links",
        "ignored", "ignored", "refused", "ignored", "ignored"};
    return forms[number_ % forms.size()];
}

std::vector<std::string> Combination::arguments() const {
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < values_.size(); ++i) {
        arguments.push_back("--" + std::string(switches()[i].name));
        arguments.emplace_back(values_[i]);
    }
    arguments.insert(arguments.end(), {"--template", std::string(form())});
    // 7 and 13 as well: neither goes with another switch.
    arguments.insert(arguments.end(),
                     {"--template-id", number_ % 7 < 3 ? "identifier" : "resource"});
    arguments.insert(arguments.end(),
                     {"--template-address", number_ % 13 < 6 ? "lists" : "details"});
    return arguments;
}

std::string Combination::text() const {
    auto text = '#' + std::to_string(number_);
    for (std::size_t i = 0; i < values_.size(); ++i)
        text += ' ' + std::string(switches()[i].name) + '=' + std::string(values_[i]);
    return text + " template=" + std::string(form());
}

std::vector<Combination> combinations_of(std::string_view list_order, std::string_view put_null) {
    constexpr auto all = static_cast<std::size_t>(-1);
    const auto only = environment_number("MEDIBRIDGE_COMBINATION", all);
    const auto every =
        std::max<std::size_t>(environment_number("MEDIBRIDGE_MATRIX_EVERY", sanitized ? 48 : 6), 1);
    std::vector<Combination> chosen;
    for (std::size_t number = 0; number < Combination::count(); ++number) {
        const Combination one(number);
        if (one.value("list-order") != list_order || one.value("put-null") != put_null) continue;
        const bool is_due =
            only != all ? number == only : scattered(number) % every == today(every);
        if (is_due) chosen.push_back(one);
    }
    return chosen;
}

} // namespace medibridge::tests
