#include "config/source_kind.hpp"

#include "reconcile/policy.hpp"

namespace medibridge::config {

namespace {

/// With its length before it, so that two parts cannot be taken for another two.
std::string part(const std::string& text) {
    return std::to_string(text.size()) + ":" + text;
}

std::string text_of(const FieldPlace& place) {
    auto text = part(place.at) + part(place.format);
    for (const auto& [word, meaning] : place.map)
        text += part(word) + part(meaning);
    if (place.default_value) text += "default" + part(*place.default_value);
    return text;
}

} // namespace

void add_fields(const FieldPlaces& fields, Mapping& mapping) {
    for (const auto& [field, place] : fields)
        mapping["fields." + field] = text_of(place);
}

Mapping mapping_of(const KindSettings& source, const reconcile::IdentityPolicy& identity) {
    auto mapping = source.mapping();
    mapping["identity.last_name"] =
        identity.last_name == reconcile::LastName::birth ? "birth" : "usual";
    mapping["identity.default_region"] = identity.default_region;
    return mapping;
}

} // namespace medibridge::config
