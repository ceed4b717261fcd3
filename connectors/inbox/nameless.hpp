#pragma once

#include "reconcile/patient.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

/// Records that arrived without a usable externalId: a row that cannot be read, a message that does
/// not say whom it is about. Nobody can be sent under them. They wait until the source sends their
/// patient, or an operator says that they are done with.
namespace medibridge::connectors {

/// Whether the record has an externalId that a patient can be sent under.
bool names_patient(const reconcile::SourceRecord& record);

/// Whether `record`, which names its patient, brings everything that `nameless` could not: it has
/// the externalId that stands in the broken row, or it is of the same person (reconcile::agree) and
/// has each of its other values. Then nothing is lost if `nameless` is not waited for any more.
bool brings(const reconcile::SourceRecord& record, const reconcile::SourceRecord& nameless);

/// Finds the kept records without externalId that a record may bring. Holds hashes, no values.
class NamelessIndex {
  public:
    NamelessIndex() = default;

    void add(const std::string& key, const reconcile::SourceRecord& record);
    /// Their keys; of each it is still to be asked whether it waits, and brings().
    std::vector<std::string> candidates(const reconcile::SourceRecord& record) const;
    /// It has grown so far that it is to be read anew.
    bool is_full() const;

  private:
    std::unordered_multimap<std::uint64_t, std::string> keys_; ///< by what they are found by
};

} // namespace medibridge::connectors
