#include "sync/core/acceptance.hpp"

#include "reconcile/digest.hpp"
#include "sync/core/guards.hpp"

#include <chrono>
#include <sstream>

namespace medibridge::sync {

namespace {

constexpr std::chrono::milliseconds longest = std::chrono::hours(24);
constexpr std::string_view mapping_word = "mapping:";
constexpr std::string_view rewind_word = "rewind:";
constexpr std::string_view space_word = "space:";

/// A former version wrote the words alone: what was shown then is not known, so nothing holds.
void read_word(std::string_view word, std::string_view begins, Consent& consent) {
    if (word.starts_with(begins)) consent = Consent::from(word.substr(begins.size()));
}

} // namespace

Acceptance::Acceptance(const std::string& text) {
    std::istringstream words(text);
    Acceptance read;
    if (!(words >> read.at_ms_ >> read.configuration_)) return;
    for (std::string word; words >> word;) {
        read_word(word, mapping_word, read.mapping_);
        read_word(word, rewind_word, read.rewind_);
        read_word(word, space_word, read.space_);
    }
    if (read.any()) *this = read;
}

std::string Acceptance::text() const {
    if (!any()) return {};
    std::ostringstream words;
    words << at_ms_ << ' ' << configuration_;
    if (mapping_.given()) words << ' ' << mapping_word << mapping_.text();
    if (rewind_.given()) words << ' ' << rewind_word << rewind_.text();
    if (space_.given()) words << ' ' << space_word << space_.text();
    return words.str();
}

void Acceptance::lend_to(Request& request, const std::string& configuration) const {
    const auto age = request.wall_clock_ms - at_ms_;
    const bool holds = configuration == configuration_ && age >= 0 && age <= longest.count();
    // A reading of one source alone ends nothing.
    if (!any() || !holds || !request.only_source.empty()) return;
    request.accept_mapping.add(mapping_);
    request.accept_rewind.add(rewind_);
    request.accept_space.add(space_);
    request.full = true;
}

Acceptance Acceptance::after(const Request& request, const std::string& configuration,
                             bool ended) const {
    if (!request.only_source.empty() || request.dry_run) return *this;
    Acceptance left;
    left.mapping_ = request.accept_mapping.lasting();
    left.rewind_ = request.accept_rewind.lasting();
    left.space_ = request.accept_space.lasting();
    if (ended || !left.any()) return {};
    const bool goes_on = any() && configuration == configuration_;
    left.at_ms_ = goes_on ? at_ms_ : request.wall_clock_ms;
    left.configuration_ = configuration;
    return left;
}

std::string accepted_configuration(const Rules& rules) {
    std::string text = rules.settings.space.address + '\n';
    for (const auto& source : rules.source_names)
        text += source + '\n' + mapping_digests(rules, source) + '\n';
    return reconcile::hex(rules.digester.text("accepted configuration", text));
}

} // namespace medibridge::sync
