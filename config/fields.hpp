#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

/// `fields` of a source, for the kinds that say where each field of a patient stands.
namespace medibridge::config {

struct Value;
class Report;

/// Where a field stands in a source's record, and how its text becomes the canonical one.
struct FieldPlace {
    std::string at;                         ///< JSON pointer, column or header
    std::string format;                     ///< strptime's; empty: the canonical form
    std::map<std::string, std::string> map; ///< the source's word → ours; empty: as it is
    std::optional<std::string> default_value;
};

/// Keys are canonical field names (`externalId`, `address.city`) and modifiedAt, active, deceased,
/// identityStatus, usualLastName, mergedInto.
using FieldPlaces = std::map<std::string, FieldPlace>;

/// A JSON pointer to something inside the document (RFC 6901).
std::optional<std::string> read_pointer(const Value& value, Report& report);

/// What the places of a kind's fields are, and how one is read.
struct PlaceKind {
    std::string_view name; ///< `the JSON pointer`
    std::optional<std::string> (*read)(const Value&, Report&);
};
inline constexpr PlaceKind json_pointers{"the JSON pointer", read_pointer};

/// Reports what is wrong, and each field that every patient needs and that is not there.
void read_fields(const Value& value, Report& report, FieldPlaces& out,
                 const PlaceKind& places = json_pointers);

} // namespace medibridge::config
