#pragma once

#include "reconcile/patient.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

/// What goes to Medicapp and comes from it, as values: nothing here waits for anything.
namespace medibridge::connectors {

/// A patient as Medicapp has them.
class MedicappPatient {
  public:
    MedicappPatient() = default;

    std::string id;
    /// Values as received; an absent field or null is unknown; what was said and cannot be read
    /// (half a surrogate pair, a number beyond all numbers, no text at all) is unreadable.
    reconcile::Patient patient;
    std::optional<reconcile::Instant> created_at;
    std::optional<reconcile::Instant> modified_at;
    bool has_address = false; ///< a detail: its address fields are seen, even where empty
    /// Its externalId was said, but cannot be read: nobody knows whose patient this is. What can be
    /// read of it stands in `patient`, where it equals nobody's.
    bool external_id_unreadable = false;
};

/// One page of the patient list. Items have no address.
class MedicappPage {
  public:
    MedicappPage() = default;

    std::vector<MedicappPatient> patients;
    std::int64_t nameless = 0; ///< items besides that have no usable id, and can be nobody
    std::int64_t page = 0;     ///< as asked for where the answer does not say
    std::int64_t per_page = 0; ///< 0: the answer does not say
    std::int64_t total = 0;
    std::int64_t total_pages = 0;
    /// The answer's Date header: Medicapp's clock, or its proxy's. Its differences say what is
    /// settled, and no time of the data that is later than it, and than this machine's clock, by
    /// more than a day is believed.
    std::optional<reconcile::Instant> server_time;
    /// The finest precision that a timestamp of the page shows.
    reconcile::Precision precision = reconcile::Precision::seconds;
};

class ListQuery {
  public:
    ListQuery() = default;

    std::int64_t page = 1;
    std::int64_t per_page = 100; ///< 1 to 100
    std::optional<reconcile::Instant> created_after;
    std::optional<reconcile::Instant> modified_after;
    reconcile::Precision precision = reconcile::Precision::milliseconds; ///< of the two filters
};

/// Which of the page's own numbers disagree with each other, with what the page shows or with what
/// was asked for, in words with the numbers: `total 23 and perPage 10 make 3 pages, not 2`. Empty:
/// none do. Such a page proves nothing of how many patients there are.
std::string contradiction(const MedicappPage& page, const ListQuery& query);

/// What went wrong, as far as the caller must tell apart.
enum class Failure {
    rejected,     ///< 400 and other 4xx: this request will never be taken as it is
    unauthorized, ///< 401, 403, to a plain read, too
    refused,      ///< 401, 403, 413 to this write only: not executed, and nothing of others' is
    not_found,    ///< 404 with Medicapp's own error body
    conflict,     ///< 409
    unavailable,  ///< no usable answer within the retry budget, and the write was not executed
    /// A write that may or may not have been executed: read before repeating. A status of 500 or
    /// more says that a server answered, and how.
    unknown,
    cancelled,
};
std::string_view name(Failure failure);

class ApiError {
  public:
    ApiError() = default;
    explicit ApiError(Failure failure_) : failure(failure_) {}

    Failure failure = Failure::unavailable;
    /// The last HTTP status. 0: none, or that of a failure which is not this call's own, for a
    /// plain read fails as well.
    int status = 0;
    /// A plain read was served right after it: whatever is wrong is so for this one patient only.
    bool alone = false;
    std::string code;       ///< Medicapp's `code`; empty if it sent none
    std::string message;    ///< Medicapp's `message`: may quote values, so never logged or stored
    std::string request_id; ///< Medicapp's `requestId`
    std::string what;       ///< for a log: what failed, without any value
};

template <class T>
using Reply = std::expected<T, ApiError>;

/// What a PUT carries: the named fields of a patient, and nothing else.
class PatientUpdate {
  public:
    PatientUpdate() = default;

    std::string id;
    reconcile::Patient patient;
    reconcile::FieldSet write; ///< fields sent with their value
    reconcile::FieldSet clear; ///< fields sent as null
    bool write_external_id = false;
};

} // namespace medibridge::connectors
