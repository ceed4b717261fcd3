#pragma once

#include "connectors/hl7v2/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors::hl7 {

/// The identifiers of a field of type CX that repeats (PID-3, MRG-1), seen from one authority.
class Identifiers {
  public:
    std::vector<std::string> ours; ///< different ones, in their order
    bool foreign = false;          ///< another authority's stands there
};

/// Ours are those whose assigning authority (CX-4) is `authority`, as its namespace or as its
/// universal identifier, and whose type (CX-5) is `PI`, or missing where no `PI` is there. The
/// national health identity (INS, OIDs 1.2.250.1.213.1.4.*) is nobody's: it is never read.
/// Of several, those that do not hold on `day` (`YYYYMMDD`; empty: not known) do not count: CX-7 is
/// their first day, CX-8 their last.
Identifiers read_identifiers(std::string_view field, std::string_view authority,
                             std::string_view day, const Leaves& leaves);

/// Whether the authority is one of the French national health identity.
bool is_national_authority(std::string_view authority);

} // namespace medibridge::connectors::hl7
