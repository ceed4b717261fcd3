#include "sync/core/changes.hpp"

#include "base/bytes/hash.hpp"

namespace medibridge::sync {

void Changes::note(const std::string& external_id, const reconcile::FieldSet& fields,
                   const reconcile::Digest& record) {
    add(external_id, fields, base::text_hash(reconcile::hex(record) + ' ' + external_id));
}

void Changes::note_reassertion(const std::string& external_id, const reconcile::FieldSet& fields) {
    add(external_id, fields, base::text_hash(external_id + ' ' + names(fields)));
}

void Changes::note_missing(const std::string& external_id) {
    add(external_id, {}, base::text_hash(external_id));
}

void Changes::add(const std::string& external_id, const reconcile::FieldSet& fields,
                  std::uint64_t hash) {
    ++count_;
    fingerprint_ += base::mixed(hash);
    for (const auto field : reconcile::all_fields())
        by_field_[static_cast<std::size_t>(field)] += fields.has(field) ? 1 : 0;
    if (examples_.size() < most_examples) examples_.push_back({external_id, fields});
}

Changes& Changes::operator+=(const Changes& more) {
    count_ += more.count_;
    fingerprint_ += more.fingerprint_;
    for (std::size_t i = 0; i < by_field_.size(); ++i)
        by_field_[i] += more.by_field_[i];
    for (const auto& example : more.examples_) {
        if (examples_.size() >= most_examples) break;
        examples_.push_back(example);
    }
    return *this;
}

} // namespace medibridge::sync
