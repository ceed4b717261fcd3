#pragma once

#include "reconcile/identity.hpp"
#include "reconcile/patient.hpp"

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// What an identifier in a cell is remembered by.
std::uint64_t csv_id_hash(std::string_view cell);

/// Finds identifiers under which a file describes different people, wherever their rows are. Two
/// steps save memory: the first keeps 16 bytes a row and finds identifiers whose rows differ at
/// all; the second keeps identities for those only.
class CsvIdentities {
  public:
    CsvIdentities() = default;

    /// The first step: a row's identifier, and all that its cells say of who it is.
    void note(std::string_view id, std::string_view identity);
    /// After the last row of the first step: whether the second is needed.
    bool any_differ();

    /// The second step, over all rows again. A missing name or birth date, or a placeholder for
    /// one, contradicts nothing (reconcile::agree compares the others), nor does a row that says
    /// into whom the patient was merged.
    void look_at(const reconcile::SourceRecord& record);

    /// After the second step.
    bool is_ambiguous(std::string_view id) const;

  private:
    struct Row {
        std::uint64_t id;
        std::uint64_t identity;
        auto operator<=>(const Row&) const = default; // NOLINT(modernize-use-nullptr): not ours
    };
    struct Suspect {
        std::vector<reconcile::IdentityTraits> described;
        bool ambiguous = false;
    };

    std::vector<Row> rows_;
    std::map<std::uint64_t, Suspect> suspects_;
};

} // namespace medibridge::connectors
