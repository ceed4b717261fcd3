#pragma once

#include "reconcile/patient.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace medibridge::connectors {

/// Finds out why a list shows an externalId more than once, in each pass and as often: whether it
/// has several records of these patients, or its pages overlap. A HIS that cuts pages from rows in
/// no fixed order shows one record on two pages, and in its place another one on none; every count
/// agrees then.
///
/// A list that has a record twice shows both next to each other, and several records of one patient
/// differ; one record in two places is an overlap. So it is where records come twice at the edges
/// of pages only: such pages overlap by one.
class Overlaps {
  public:
    Overlaps() = default;

    /// Looks at those whose identifier, as base::text_hash, the pass before showed more than once.
    explicit Overlaps(const std::vector<std::uint64_t>& repeated);

    /// The next record of the pass, on that page.
    void note(const reconcile::SourceRecord& record, std::int64_t page);

    /// How many patients were shown with the same record on several pages: not next to each other,
    /// or more at the edges of pages than within.
    std::size_t count() const;

  private:
    struct Place {
        std::uint64_t record; ///< its hash
        std::int64_t page;
        std::size_t position; ///< in the pass
    };
    std::map<std::uint64_t, std::vector<Place>> places_; ///< by the identifier's hash
    std::size_t position_ = 0;
};

} // namespace medibridge::connectors
