#pragma once

#include "connectors/hl7v2/message.hpp"
#include "connectors/hl7v2/repetition.hpp"
#include "reconcile/patient.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors::hl7 {

/// The identifiers of one authority in a repeating field of type CX (PID-3, MRG-1).
class Identifiers {
  public:
    std::vector<std::string> ours;   ///< different ones, in their order
    std::vector<std::string> others; ///< ours that can be used, and do not count on that day
    bool foreign = false;            ///< another authority's stands there
};

/// Ours are those whose assigning authority (CX-4) is `authority`, as its namespace or as its
/// universal identifier, and whose type (CX-5) is `PI`, or missing where no `PI` is there. The
/// national health identity (INS, OIDs 1.2.250.1.213.1.4.*) is never read. If there are several,
/// those that do not hold on `day` (`YYYYMMDD`; empty: not known) do not count (CX-7 is the first
/// day, CX-8 the last), and of the others those that cannot be used as an externalId.
Identifiers read_identifiers(std::string_view field, std::string_view authority,
                             std::string_view day, const Leaves& leaves);

/// Whether the authority is one of the French national health identity.
bool is_national_authority(std::string_view authority);

/// PID-5, of type XPN. L, else B, M or no type, is the birth name, D the usual one; each is chosen
/// after validating, among those that hold now (XPN-10, -12, -13); a given name that is missing
/// there is that of the next of them. A sender that sends names sends all of them: if the usual one
/// is missing, the patient has none any more.
void read_names(std::string_view field, const FieldRules& rules, reconcile::SourceRecord& record);

/// The complete surname (FN, v2.5 §2.A.30). FN-1 should hold all of it. If the prefix (FN-2) is
/// missing there, it is put before; without FN-3 it must be a usual prefix (de, la, van, …). If
/// FN-1 is empty: prefix and own surname (FN-3).
reconcile::FieldValue family_name(const Repetition& name);

/// PID-11, of type XAD: all parts of one address, the one where somebody lives: home (H), then P,
/// L, C, no type, M, a temporary one (XAD-16) behind all others. Types (table 0190) of other
/// places, such as birthplaces and bad addresses (BDL, N, F, BA, …), and those with a bad address
/// indicator (XAD-17) or an expiration reason (XAD-15) are none; a country alone is none either.
///
/// Chosen after validating, among those that hold now (XAD-12 to -14): one without its town is not
/// taken, and a town alone is behind all others. The street is XAD-1, or
/// house number and street name (SAD-3, SAD-2), with XAD-2 behind it. If addresses were sent but
/// none of them counts, the former one is cleared. If a part of the address cannot be used, the
/// complete address is refused.
void read_address(std::string_view field, const FieldRules& rules, reconcile::Patient& patient);

/// PID-13 and PID-40, of type XTN: phones and e-mail addresses mixed. Each list is sent completely:
/// a value that was sent before and is in neither list now is cleared; `""` clears all. If neither
/// is sent, nothing changes.
///
/// Phones: mobile (XTN-3 `CP`) before private (`PRN`, `PRS`) before any other, then by XTN-18;
/// faxes, pagers, modems, devices for the deaf, and numbers of others (`EMR`) or of a workplace
/// (`WPN`) are left out, and so is what has an expiration reason (XTN-15) without a date. The
/// number is XTN-1 or, where that is empty, XTN-12, or XTN-5 to 7; with an extension (XTN-8) it is
/// none. E-mail: XTN-4, or an XTN-1 with an `@`. Of each kind, the first valid one of those that
/// hold now counts (XTN-13, -14).
void read_telecom(std::string_view list, std::string_view more, const FieldRules& rules,
                  reconcile::Patient& patient);

/// The person whom a PID segment describes, without identifier, time and place. Empty fields are
/// unknown; `""` clears a field (also a component). A field that repeats is sent completely, so a
/// value that it no longer has is cleared (v2.5 §2.10).
///
/// PID-5: read_names(). PID-7: the day. PID-8: U, N and A are unknown. PID-11: read_address().
/// PID-13 and -40: read_telecom(). PID-29 or PID-30 (yes_or_no()): deceased, or not any more.
/// PID-32: all identity statuses, separated by spaces.
reconcile::SourceRecord read_person(const Segment& pid, const FieldRules& rules);

} // namespace medibridge::connectors::hl7
