#pragma once

#include "base/bytes/id_set.hpp"
#include "reconcile/assess.hpp"

#include <string>
#include <vector>

namespace medibridge::sync {

/// Whom a pass has shown by records of their own.
class ShownPatients {
  public:
    void note(const reconcile::Assessed& record);
    bool contains(const std::string& external_id) const { return seen_.contains(external_id); }
    /// Whether one of the patient's records is in use: neither closed nor deleted nor merged.
    bool in_use(const std::string& external_id) const {
        return seen_.contains(external_id) &&
               (!retired_.contains(external_id) || doubles_.contains(external_id));
    }

  private:
    base::IdSet seen_;
    base::IdSet retired_; ///< with a record that is not in use
    base::IdSet doubles_; ///< with such a record and one in use
};

/// Leaves one record of each externalId: the newest, or the later one where times do not tell.
/// Records that describe different people become one that is held as `ambiguous_source`. Records
/// without externalId all stay. One in use stands against closed ones of the same patient.
std::vector<reconcile::Assessed> merge_duplicates(std::vector<reconcile::Assessed> records);

/// Whether both records of one poll describe the same person.
bool same_person(const reconcile::Assessed& a, const reconcile::Assessed& b);

} // namespace medibridge::sync
