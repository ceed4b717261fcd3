#pragma once

#include <cstdint>
#include <string_view>

namespace medibridge::connectors {

/// The keys of Medicapp's JSON that we read, wherever they are.
enum class AnswerKey : std::uint8_t {
    other,
    data,
    pagination,
    error,
    id,
    external_id,
    address,
    created_at,
    modified_at,
    records_count,
    page,
    per_page,
    total,
    total_pages,
    code,
    status,
    message,
    request_id,
    resource_type, ///< FHIR's, which no native answer has
    first_field,   ///< and on: the patient's fields in their order
};

/// `other` for a key that we do not read.
AnswerKey answer_key_named(std::string_view name);

} // namespace medibridge::connectors
