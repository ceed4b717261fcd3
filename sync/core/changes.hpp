#pragma once

#include "reconcile/digest.hpp"
#include "reconcile/patient.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace medibridge::sync {

/// The changes of linked patients that a cycle would make, counted before its first write. What a
/// guard stops can so be shown, and accepted as it was shown.
class Changes {
  public:
    struct Example {
        std::string external_id;
        reconcile::FieldSet fields; ///< empty: the patient is missing in Medicapp
    };
    static constexpr std::size_t most_examples = 20;

    /// A record, by its digest, that would, or may, change these fields of a linked patient.
    void note(const std::string& external_id, const reconcile::FieldSet& fields,
              const reconcile::Digest& record);
    /// The HIS's values of these fields would be written over Medicapp's.
    void note_reassertion(const std::string& external_id, const reconcile::FieldSet& fields);
    void note_missing(const std::string& external_id);
    Changes& operator+=(const Changes& more);

    std::int64_t count() const { return count_; }
    std::int64_t count_of(reconcile::Field field) const {
        return by_field_[static_cast<std::size_t>(field)];
    }
    const std::vector<Example>& examples() const { return examples_; }
    /// Equal for the same changes of the same patients, in whatever order they were found.
    std::uint64_t fingerprint() const { return fingerprint_; }

  private:
    void add(const std::string& external_id, const reconcile::FieldSet& fields, std::uint64_t hash);

    std::int64_t count_ = 0;
    std::array<std::int64_t, reconcile::field_count> by_field_{};
    std::vector<Example> examples_;
    std::uint64_t fingerprint_ = 0;
};

} // namespace medibridge::sync
