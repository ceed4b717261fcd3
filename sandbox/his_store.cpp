#include "sandbox/his_store.hpp"

#include <functional>
#include <limits>

namespace medibridge::sandbox {

namespace {

/// The position before all patients of the same time.
constexpr Slot before_all = std::numeric_limits<Slot>::max();

} // namespace

bool HisStore::ByIpp::operator()(const Place& a, const Place& b) const {
    if (a.key != b.key) return a.key < b.key;
    if (a.slot == before_all || b.slot == before_all)
        return a.slot == before_all && b.slot != before_all;
    const int order = store->ipp(a.slot).compare(store->ipp(b.slot));
    return order != 0 ? order < 0 : a.slot < b.slot;
}

std::size_t HisStore::IppHash::operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
}

std::size_t HisStore::IppHash::operator()(Slot slot) const {
    return (*this)(store->ipp(slot));
}

HisStore::HisStore()
    : by_ipp_(0, IppHash{this}, IppEqual{this}),
      by_modified_(ByIpp{this}),
      in_order_of_ipp_(ByIpp{this}) {}

Slot HisStore::put(const HisDraft& draft) {
    const auto& ipp = draft.texts[his_field::ipp];
    if (const auto known = find(ipp ? std::string_view(*ipp) : std::string_view())) {
        replace(*known, draft);
        return *known;
    }
    const auto slot = static_cast<Slot>(patients_.size());
    patients_.emplace_back();
    fill(slot, draft);
    in_order_of_ipp_.insert({0, slot});
    as_created_.insert({0, slot});
    if (ipp && !ipp->empty()) by_ipp_.insert(slot);
    return slot;
}

void HisStore::replace(Slot slot, const HisDraft& draft) {
    by_modified_.erase({patients_[slot].modified, slot});
    fill(slot, draft);
}

void HisStore::fill(Slot slot, const HisDraft& draft) {
    HisTexts::Views views;
    for (std::size_t i = 0; i < his_field::count; ++i) {
        if (draft.texts[i]) views[i] = *draft.texts[i];
    }
    auto& patient = patients_[slot];
    patient.texts = HisTexts(views);
    patient.modified = draft.modified - (draft.modified % 1000 + 1000) % 1000;
    patient.active = draft.active;
    patient.deceased = draft.deceased;
    by_modified_.insert({patient.modified, slot});
}

void HisStore::erase(Slot slot, Millis at) {
    by_modified_.erase({patients_[slot].modified, slot});
    in_order_of_ipp_.erase({0, slot});
    as_created_.erase({0, slot});
    if (!ipp(slot).empty()) by_ipp_.erase(slot);
    deletions_.push_back({slot, at, std::move(patients_[slot])});
    patients_[slot] = HisPatient();
    patients_[slot].erased = true;
}

HisDraft HisStore::draft(Slot slot) const {
    const auto& patient = patients_[slot];
    HisDraft draft;
    for (std::size_t i = 0; i < his_field::count; ++i) {
        if (patient.texts.has(i)) draft.texts[i] = std::string(patient.texts[i]);
    }
    draft.modified = patient.modified;
    draft.active = patient.active;
    draft.deceased = patient.deceased;
    return draft;
}

std::optional<Slot> HisStore::find(std::string_view ipp) const {
    if (ipp.empty()) return std::nullopt;
    const auto at = by_ipp_.find(ipp);
    if (at == by_ipp_.end()) return std::nullopt;
    return *at;
}

template <class Index>
ListWindow HisStore::list_of(const Index& index, std::optional<Millis> from, std::size_t offset,
                             std::size_t count) const {
    if (!from) return {index.slice(offset, count), index.size()};
    ListWindow window;
    for (const Slot slot : index.slice(0, index.size())) {
        if (patients_[slot].modified < *from) continue;
        const bool is_shown = window.total >= offset && window.slots.size() < count;
        if (is_shown) window.slots.push_back(slot);
        ++window.total;
    }
    return window;
}

ListWindow HisStore::list(HisOrder order, std::optional<Millis> from, std::size_t offset,
                          std::size_t count) const {
    if (order == HisOrder::ipp) return list_of(in_order_of_ipp_, from, offset, count);
    if (order == HisOrder::created) return list_of(as_created_, from, offset, count);
    const std::size_t skipped = from ? by_modified_.rank({*from, before_all}) : 0;
    return {by_modified_.slice(skipped + offset, count), by_modified_.size() - skipped};
}

std::optional<Slot> HisStore::any(Random& random) const {
    if (size() == 0) return std::nullopt;
    auto slot = random.below(patients_.size());
    while (patients_[slot].erased)
        slot = (slot + 1) % patients_.size();
    return static_cast<Slot>(slot);
}

} // namespace medibridge::sandbox
