#pragma once

#include "connectors/medicapp/medicapp.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What Medicapp's JSON answers say. Tolerant where Medicapp's documentation is silent: unknown
/// keys are ignored, null and absent both mean "unknown", and an integer where a text is expected
/// is taken as its digits. What cannot be read spoils only its own field: a value of a wrong type,
/// with lost characters, or an invalid number is `unreadable`.
namespace medibridge::connectors {

/// A page with more patients is no answer to any of our requests.
inline constexpr std::size_t most_patients_a_page = 1000;
/// Longer ids are not taken for ids.
inline constexpr std::size_t longest_id = 200;

/// A page of the list, without server_time. Nothing for resources of FHIR, or unless `data` is an
/// array and `pagination` holds `total` and `totalPages`; items that are no patient with an id are
/// counted as nameless. `page` and `perPage` are 0 where the answer does not say, or not so that it
/// can be read.
std::optional<MedicappPage> read_page(std::string_view json);

/// One patient, by itself or within `data`. Its id is empty if the answer has none that can be one.
/// Nothing for anything but a JSON object.
std::optional<MedicappPatient> read_patient(std::string_view json);

/// Medicapp's own error body. Code and request id may be logged: they are as shown_error_code() and
/// shown_request_id() give them. The message may not; it is cut to 500 bytes, and begins with a
/// code that is not shown as it is.
struct ErrorBody {
    std::string code;
    std::string message;
    std::string request_id;
};
/// Nothing for anything else, such as a proxy's page.
std::optional<ErrorBody> read_error(std::string_view text);

/// Whether the text begins as a JSON object: what Medicapp says does, and a proxy's page does not.
bool is_json_object(std::string_view text);

/// Whether `id` can stand as one segment of a path and name a patient there.
bool is_usable_id(std::string_view id);

} // namespace medibridge::connectors
