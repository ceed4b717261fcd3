#pragma once

#include "sandbox/json_text.hpp"
#include "sandbox/times.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// A simulated Medicapp v5 and a simulated HIS, for trying out and for tests.
namespace medibridge::sandbox {

/// In which order Medicapp lists; `shuffled`: at random, and a patient that is written moves.
enum class ListOrder { created, modified, id, shuffled };
/// Whether `modified_after` and `created_after` include the moment itself.
enum class Bound { inclusive, exclusive };
/// How a 429 says when to come back.
enum class RetryAfter { seconds, date, ratelimit, none };
/// What null does to an optional field in a PUT.
enum class PutNull { clears, ignored, rejected };
/// Whether a PUT may change something; `ignore`: the answer is 200 and nothing changes.
enum class Permission { allow, refuse, ignore };
enum class PostAnswer { full, id_only };
/// Whether a PUT's address is merged member by member or takes the old one's place.
enum class PutAddress { merge, replace };
/// Whether a 400's code names the field.
enum class ErrorCodes { specific, generic };
/// `accept`: a second patient with the same externalId is created, so that tests see who tries.
enum class Duplicates { refuse, accept };
/// What a list's numbers say: `pages`: that this page is the only one; `short_pages`: a full page,
/// where half of one is shown.
enum class ListCounts { right, pages, short_pages };
/// What Medicapp answers to `template=FHIR`: its native form, as it does not know the parameter;
/// 400; resources in its own list; or a Bundle, whose pages have a number or only an opaque link.
enum class Template { ignored, refused, data, bundle, links };
/// Where a resource has Medicapp's own id: in its `id`, or in an identifier.
enum class TemplateId { resource, identifier };
/// Which resources show the address.
enum class TemplateAddress { details, lists };
/// What no resource shows.
enum class TemplateHides { nothing, phone, gender, modified };
enum class NextLink { relative, absolute };
/// In which order the HIS lists; `created`: as patients were added.
enum class HisOrder { modified, ipp, created };

/// How the HIS gives its patients, and the written configuration takes them. Its REST and FHIR
/// interfaces are there at any time.
enum class HisType { rest, fhir, csv, hl7v2 };

struct MedicappSwitches {
    std::string api_key; ///< empty: made from the seed
    ListOrder list_order = ListOrder::created;
    Bound modified_after = Bound::inclusive;
    Precision precision = Precision::milliseconds;
    Millis visibility_lag = 0; ///< lists show a write only after it
    RetryAfter retry_after = RetryAfter::seconds;
    std::size_t page_limit = 0; ///< patients of a page at most, whatever is asked for; 0: as asked
    double rate_limit = 0;      ///< requests a second; 0: none
    double burst = 0;           ///< requests at once; 0: one second's worth
    PutNull put_null = PutNull::clears;
    Permission put_names = Permission::allow; ///< last name, first name, birth date, gender
    Permission put_external_id = Permission::allow;
    PutAddress put_address = PutAddress::merge;
    PostAnswer post_answer = PostAnswer::full;
    ErrorCodes error_codes = ErrorCodes::specific;
    Duplicates duplicates = Duplicates::refuse;
    ListCounts list_counts = ListCounts::right;
    std::string broken_patient; ///< whose first name is shown broken; empty: nobody's
    Template fhir_template = Template::ignored;
    TemplateId template_id = TemplateId::resource;
    TemplateAddress template_address = TemplateAddress::details;
    TemplateHides template_hides = TemplateHides::nothing;
    Absent absent = Absent::null;
    bool lowercase_email = false; ///< what is stored is not quite what was sent
    Millis clock_offset = 0;      ///< added to the machine's date
};

/// What the HIS asks of a request: `header` holds `value` (no header: nothing), or, of its FHIR
/// interface, a token that `client` gets for a secret or with a key.
struct HisAuth {
    enum class Kind { header, client_credentials, private_key_jwt };
    Kind kind = Kind::header;
    std::string header;
    std::string value; ///< also the secret, or the file that the key stands in
    std::string client;
};

struct HisSwitches {
    HisAuth auth;
    Millis token_lifetime = 300; ///< seconds
    NextLink next = NextLink::relative;
    HisOrder order = HisOrder::modified;
    Millis clock_offset = 0;
};

/// What happens by itself, every so many milliseconds; 0: never.
struct Schedule {
    Millis edit_every = 0;          ///< a HIS patient's phone, e-mail or address
    Millis edit_medicapp_every = 0; ///< the same of a Medicapp patient
    Millis erase_every = 0;         ///< a Medicapp patient is erased
    Millis drop_every = 500;        ///< a HIS of type csv drops what changed
};

/// Who is there at the start.
struct Population {
    std::uint64_t patients = 1000;  ///< invented, if there is no file
    std::filesystem::path his_data; ///< FHIR NDJSON or CSV; empty: invented patients
    double invalid_share = 0.01;    ///< of the invented patients, from 0 to 1
    double preload = 0;             ///< share of the HIS's patients that Medicapp has, linked
    double preload_unlinked = 0;    ///< share that Medicapp has without an externalId
};

struct Ports {
    std::uint16_t medicapp = 0; ///< 0: a free one
    std::uint16_t his = 0;
    std::uint16_t control = 0;
};

/// Where the HIS sends HL7 messages.
struct Hl7Sending {
    std::string host = "127.0.0.1"; ///< an IP address
    std::uint16_t port = 2575;
    std::filesystem::path file; ///< the messages of this instead; empty: of the patients
};

struct Settings {
    std::uint64_t seed = 1;
    Ports ports;
    MedicappSwitches medicapp;
    HisSwitches his;
    HisType his_type = HisType::rest;
    std::filesystem::path drop_directory; ///< of a HIS of type csv
    Hl7Sending hl7;                       ///< of a HIS of type hl7v2
    Schedule schedule;
    Population population;
    std::vector<std::string> faults; ///< see fault.hpp
};

} // namespace medibridge::sandbox
