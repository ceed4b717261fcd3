#pragma once

#include "config/fields.hpp"

#include <string>
#include <vector>

namespace medibridge::config {

class Section;

/// `safety`, of a source whose fields are mapped: which of the facts that keep a patient out of
/// Medicapp the HIS does not have. Gives the facts that are neither mapped nor said to be missing,
/// and advises to do one of both. `name` is the source's.
std::vector<std::string> read_safety(Section& section, const FieldPlaces& fields,
                                     const std::string& name);

} // namespace medibridge::config
