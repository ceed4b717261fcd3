#include "sync/core/common_faults.hpp"

#include "base/log/catalogue.hpp"
#include "reconcile/hold.hpp"
#include "sync/core/settings.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace medibridge::sync {

using log::Key;

namespace {

/// So many records tell what is everybody's from what is a few's.
constexpr std::int64_t telling_sample = 2 * static_cast<std::int64_t>(limits::common_fault);

std::string text_of(const log::Event& event, Key wanted) {
    for (const auto& [key, value] : event.fields()) {
        const auto* text = std::get_if<std::string>(&value);
        if (key == wanted && text) return *text;
    }
    return {};
}

/// The detail names the place of a record without identifier, or of two that contradict each other:
/// another one for each.
bool has_own_detail(const log::Event& event) {
    return text_of(event, Key::patient).starts_with("record:") ||
           text_of(event, Key::reason) == name(reconcile::HoldReason::ambiguous_source);
}

std::string cause_of(const log::Event& event) {
    std::string cause(event.type().name);
    for (const auto key : {Key::source, Key::fields, Key::reason, Key::detail}) {
        cause += '\n';
        if (key != Key::detail || !has_own_detail(event)) cause += text_of(event, key);
    }
    return cause;
}

log::Event summary_of(const log::Event& event) {
    log::Event summary(log::events::mapping_suspected);
    for (const auto key : {Key::source, Key::fields, Key::reason, Key::detail}) {
        auto text = text_of(event, key);
        if (!text.empty() && (key != Key::detail || !has_own_detail(event)))
            summary.add(key, std::move(text));
    }
    return summary;
}

} // namespace

void CommonFaults::see(std::int64_t examined, std::int64_t settled) {
    examined_ += examined;
    settled_ += settled;
}

std::vector<log::Event> CommonFaults::sift(std::vector<log::Event> events) {
    std::vector<log::Event> now;
    now.reserve(events.size());
    for (auto& event : events) {
        const auto& type = event.type().name;
        const bool is_hold = type == log::events::patient_held.name;
        const bool is_dropped = type == log::events::field_dropped.name;
        if (!is_dropped) let_go(text_of(event, Key::patient), now);
        if (!is_hold && !is_dropped) {
            now.push_back(std::move(event));
            continue;
        }
        auto cause = cause_of(event);
        if (faults_.size() >= limits::compared_faults && !faults_.contains(cause)) {
            now.push_back(std::move(event));
            continue;
        }
        auto& fault = faults_[std::move(cause)];
        ++fault.patients;
        fault.is_hold = is_hold;
        if (fault.kind == Fault::Kind::open) {
            fault.kept.push_back(std::move(event));
        } else {
            if (fault.kind == Fault::Kind::common) event.set_level(log::Level::debug);
            now.push_back(std::move(event));
        }
    }
    for (auto& [cause, fault] : faults_)
        judge(fault, now, false);
    return now;
}

std::vector<log::Event> CommonFaults::end() {
    std::vector<log::Event> now;
    for (auto& [cause, fault] : faults_) {
        judge(fault, now, true);
        for (auto& event : fault.summary)
            now.push_back(std::move(event).with(Key::patients, fault.patients));
    }
    faults_.clear();
    return now;
}

void CommonFaults::let_go(const std::string& patient, std::vector<log::Event>& now) {
    if (patient.empty()) return;
    for (auto& [cause, fault] : faults_) {
        if (!fault.is_hold || fault.kind != Fault::Kind::open) continue;
        const auto theirs = std::ranges::stable_partition(fault.kept, [&](const log::Event& event) {
            return text_of(event, Key::patient) != patient;
        });
        std::ranges::move(theirs, std::back_inserter(now));
        fault.kept.erase(theirs.begin(), theirs.end());
    }
}

void CommonFaults::judge(Fault& fault, std::vector<log::Event>& now, bool at_the_end) {
    if (fault.kind != Fault::Kind::open) return;
    const auto of = fault.is_hold ? examined_ : settled_;
    const bool many = fault.patients >= static_cast<std::int64_t>(limits::common_fault);
    if (!many && of < telling_sample && !at_the_end) return;
    const bool common = many && 2 * fault.patients > of;
    fault.kind = common ? Fault::Kind::common : Fault::Kind::single;
    if (common && !fault.kept.empty()) fault.summary.push_back(summary_of(fault.kept.front()));
    for (auto& event : fault.kept) {
        if (common) event.set_level(log::Level::debug);
        now.push_back(std::move(event));
    }
    fault.kept.clear();
}

} // namespace medibridge::sync
