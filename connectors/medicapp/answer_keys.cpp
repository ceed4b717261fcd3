#include "connectors/medicapp/answer_keys.hpp"

#include "reconcile/patient.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace medibridge::connectors {
namespace {

using Key = AnswerKey;

constexpr std::array<std::pair<std::string_view, Key>, 19> keys{{
    {"data", Key::data},
    {"pagination", Key::pagination},
    {"error", Key::error},
    {"id", Key::id},
    {"externalId", Key::external_id},
    {"address", Key::address},
    {"createdAt", Key::created_at},
    {"modifiedAt", Key::modified_at},
    {"updatedAt", Key::modified_at},
    {"recordsCount", Key::records_count},
    {"page", Key::page},
    {"perPage", Key::per_page},
    {"total", Key::total},
    {"totalPages", Key::total_pages},
    {"code", Key::code},
    {"status", Key::status},
    {"message", Key::message},
    {"requestId", Key::request_id},
    {"resourceType", Key::resource_type},
}};

constexpr std::array<std::string_view, reconcile::field_count> field_keys{
    "lastName", "firstName", "birthDate", "gender",     "email",
    "phone",    "street",    "city",      "postalCode", "country"};

} // namespace

AnswerKey answer_key_named(std::string_view name) {
    for (std::size_t i = 0; i < field_keys.size(); ++i) {
        if (field_keys[i] == name) {
            return static_cast<Key>(static_cast<std::size_t>(Key::first_field) + i);
        }
    }
    for (const auto& [text, key] : keys) {
        if (text == name) return key;
    }
    return Key::other;
}

} // namespace medibridge::connectors
