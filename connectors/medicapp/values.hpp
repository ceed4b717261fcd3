#pragma once

#include "reconcile/patient.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What goes to Medicapp and comes from it, as values: nothing here waits for anything.
namespace medibridge::connectors {

/// What an item of the list shows: everything but the address.
reconcile::FieldSet listed_fields();

/// A patient as Medicapp has them.
class MedicappPatient {
  public:
    MedicappPatient() = default;

    std::string id;
    /// Values as received. An absent field or null is unknown; a value that cannot be read (half a
    /// surrogate pair, a number out of range, no text at all) is unreadable.
    reconcile::Patient patient;
    std::optional<reconcile::Instant> created_at;
    std::optional<reconcile::Instant> modified_at;
    /// How many records (questionnaires, documents) hang on the patient; nothing: not said, as in a
    /// list.
    std::optional<std::int64_t> records_count;
    /// What is seen, even where it is empty. The rest is not in such an answer, whoever it is
    /// about.
    reconcile::FieldSet shown = listed_fields();
    /// It has an externalId that cannot be read, so nobody knows whose patient this is. `patient`
    /// holds the readable part, which equals no real externalId.
    bool external_id_unreadable = false;

    /// Whether an answer shows whose it is: more than an id.
    bool tells_whom() const {
        return patient[reconcile::Field::last_name].is_known() || !patient.external_id().empty();
    }
};

/// One page of the patient list. Items have no address.
class MedicappPage {
  public:
    MedicappPage() = default;

    std::vector<MedicappPatient> patients;
    std::int64_t nameless = 0; ///< further items that have no usable id
    std::int64_t page = 0;     ///< as asked for where the answer does not say
    std::int64_t per_page = 0; ///< 0: the answer does not say
    std::int64_t total = 0;
    std::int64_t total_pages = 0;
    /// The answer's Date header: Medicapp's clock, or its proxy's. Its differences show which
    /// changes are settled. A time in the data that is more than a day later than both this clock
    /// and this machine's is not believed.
    std::optional<reconcile::Instant> server_time;
    /// Where the next page is, for a list that is followed by links; empty: by its number.
    std::string next;
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
    std::string link; ///< MedicappPage::next of the page before; empty: by the page's number
};

/// Which of the page's own numbers disagree with each other, with what the page shows or with what
/// was asked for, in words with the numbers: `total 23 and perPage 10 make 3 pages, not 2`. Empty:
/// none do. Such a page does not prove how many patients there are.
std::string contradiction(const MedicappPage& page, const ListQuery& query);

/// What went wrong, as far as it matters to the caller.
enum class Failure {
    rejected,     ///< 400 and other 4xx: this request will never be taken as it is
    unauthorized, ///< 401, 403, to a plain read, too
    refused,      ///< 401, 403, 413 to this write only: not executed, and nothing of others' is
    not_found,    ///< 404 with Medicapp's own error body
    conflict,     ///< 409
    unavailable,  ///< no usable answer within the retry budget, and the write was not executed
    /// A write that may or may not have been executed: read before repeating it. A status of 500 or
    /// more means that a server answered.
    unknown,
    cancelled,
};
std::string_view name(Failure failure);

class ApiError {
  public:
    ApiError() = default;
    explicit ApiError(Failure failure_) : failure(failure_) {}

    Failure failure = Failure::unavailable;
    /// The last HTTP status. 0: none, or the failure is not this call's own because a plain read
    /// failed too.
    int status = 0;
    /// A plain read succeeded right after it: the problem concerns this one patient only.
    bool alone = false;
    /// A 401 or 403 that came with an HTML page: the word of a proxy or a firewall, as Medicapp's
    /// own is JSON. Nobody has judged the API key then.
    bool foreign = false;
    std::string code;       ///< Medicapp's `code`; empty if it sent none
    std::string message;    ///< Medicapp's `message`: may quote values, so never logged or stored
    std::string request_id; ///< Medicapp's `requestId`
    std::string what;       ///< for a log: what failed, without any value
};

/// What is said of it.
inline constexpr std::string_view foreign_page =
    "with a page that is not Medicapp's (a proxy or firewall?)";

/// What failed, in words for an operator; never empty.
std::string reason_of(const ApiError& error);
/// Who refuses all requests, where the failure is `unauthorized`: Medicapp the API key, or
/// something in between; in words for an operator.
std::string refusal_of(const ApiError& error);

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
