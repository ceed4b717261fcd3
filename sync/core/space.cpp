#include "sync/core/space.hpp"

#include "base/log/catalogue.hpp"
#include "reconcile/digest.hpp"

#include <sstream>
#include <utility>

namespace medibridge::sync {

namespace {

constexpr const char* way_out_of_other_space =
    "; check medicapp.base_url and the key. If Medicapp has moved there with these patients, run "
    "medibridgectl accept-space (without a service: medibridged --once --accept-space); if it is "
    "another space, put the configuration back, or move the state away";

/// With a digest of both, so that nobody without the state's key can bind it to another space.
std::string text_of(const Rules& rules, const Space& space) {
    const auto text = space.address + '\n' + space.credentials;
    return text + '\n' + reconcile::hex(rules.digester.text("medicapp space", text));
}

/// Nothing where the text was changed.
std::optional<Space> space_in(const Rules& rules, const std::string& text) {
    std::istringstream lines(text);
    Space space;
    std::getline(lines, space.address);
    std::getline(lines, space.credentials);
    if (text_of(rules, space) != text) return std::nullopt;
    return space;
}

} // namespace

SpaceCheck::SpaceCheck(const Rules& rules, const std::string& kept, std::int64_t linked)
    : rules_(&rules),
      is_kept_(!kept.empty()),
      linked_(linked) {
    const auto& now = rules.settings.space;
    const auto before = space_in(rules, kept);
    if (before) kept_address_ = before->address;
    is_as_kept_ = now.address.empty() || before == now;
    moved_ = is_kept_ && kept_address_ != now.address;
    evidence_ = {fingerprint_of("space", kept + '\n' + text_of(rules, now))};
    is_accepted_ = rules.request.accept_space.covers(evidence_);
    needs_look_ = !is_as_kept_ && linked > 0 && !is_accepted_;
}

void SpaceCheck::note(const state::Link& link,
                      const std::optional<connectors::MedicappPatient>& now) {
    const bool is_there = now && now->patient.external_id() == link.external_id;
    ++(!now ? missing_ : is_there ? themselves_ : others_);
    if (!is_there) astray_.note(Change::missing(link.external_id));
}

std::string SpaceCheck::answers() const {
    return std::to_string(themselves_) + " of " + std::to_string(themselves_ + others_ + missing_) +
           " linked patients that were read there answer as themselves, " +
           std::to_string(others_) + " as somebody else, " + std::to_string(missing_) +
           " do not exist";
}

/// One may have been given another externalId there, or erased.
bool SpaceCheck::is_confirmed() const {
    return themselves_ > others_ + missing_;
}

Alarm SpaceCheck::alarm() const {
    const auto& now = rules_->settings.space.address;
    const auto what = kept_address_.empty()
                          ? "it cannot be told which Medicapp the links are of, and " + now
                          : "the links are of Medicapp at " + kept_address_ + ", and " + now;
    return {&log::events::guard_space,
            {},
            {},
            what + (moved_ ? " is configured: " : " looks like another one: ") + answers() +
                way_out_of_other_space,
            astray_,
            linked_,
            evidence_};
}

/// `doubt`: why the links are to be confirmed one by one; empty: they need not be.
Effects SpaceCheck::bind(std::string doubt) const {
    const auto& now = rules_->settings.space;
    Effects effects;
    effects.changes.put_meta(space_key, text_of(*rules_, now));
    if (!doubt.empty())
        effects.changes.put_meta(std::string(state::unconfirmed_links_key), std::move(doubt));
    // A dry run binds a copy, which is gone once it has ended.
    if (!rules_->request.dry_run)
        effects.events.push_back(
            log::Event(log::events::space_bound).with(log::Key::address, now.address));
    return effects;
}

Effects SpaceCheck::effects() const {
    if (is_as_kept_) return {};
    if (is_accepted_) return bind("another space");
    if (!needs_look_) return bind({});
    if (moved_ || !is_confirmed()) {
        Effects effects;
        effects.notice.alarm = alarm();
        return effects;
    }
    return bind(others_ + missing_ == 0 ? "" : "another key");
}

} // namespace medibridge::sync
