#include "connectors/medicapp/client.hpp"

#include "base/http/timing_headers.hpp"
#include "connectors/medicapp/answers.hpp"
#include "connectors/medicapp/bodies.hpp"
#include "connectors/medicapp/client_parts.hpp"
#include "connectors/medicapp/paths.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace medibridge::connectors {

using reconcile::Patient;
using runtime::Task;

namespace {

class PageReader final : public AnswerReader {
  public:
    bool read(const http::Response& response) override {
        auto read = read_page(response.body);
        other_form = !read && is_json_object(response.body);
        if (!read) return false;
        page = std::move(*read);
        page.server_time = http::parse_http_date(response.header("Date"));
        return true;
    }
    MedicappPage page;
    bool other_form = false; ///< or nothing that anybody can read
};

constexpr std::string_view another_patient = "shows another patient";

/// The answer to a GET: the patient that was asked for.
class DetailReader final : public AnswerReader {
  public:
    explicit DetailReader(const std::string& id) : id_(id) {}
    bool read(const http::Response& response) override {
        auto read = read_patient(response.body);
        other_form = !read && is_json_object(response.body);
        if (!read || read->id.empty()) return false;
        if (read->id != id_) return object(another_patient);
        patient = std::move(*read);
        patient.shown = reconcile::every_field();
        return true;
    }
    MedicappPatient patient;
    bool other_form = false;

  private:
    const std::string& id_;
};

/// The same in FHIR. An answer in another form is noticed.
class FhirPageReader final : public AnswerReader {
  public:
    FhirPageReader(const FhirTerms& terms, std::int64_t asked) : terms_(terms), asked_(asked) {}
    bool read(const http::Response& response) override {
        const auto now = http::parse_http_date(response.header("Date"));
        auto read = read_fhir_page(response.body, terms_, now, asked_);
        other_form = !read && is_json_object(response.body);
        if (!read) return false;
        page = std::move(*read);
        page.server_time = now;
        return true;
    }
    MedicappPage page;
    bool other_form = false;

  private:
    const FhirTerms& terms_;
    std::int64_t asked_;
};

class FhirDetailReader final : public AnswerReader {
  public:
    FhirDetailReader(const FhirTerms& terms, const std::string& id) : terms_(terms), id_(id) {}
    bool read(const http::Response& response) override {
        const auto now = http::parse_http_date(response.header("Date"));
        auto read = read_fhir_patient(response.body, terms_, now);
        other_form = !read && is_json_object(response.body);
        if (!read || read->id.empty()) return false;
        if (read->id != id_) return object(another_patient);
        patient = std::move(*read);
        return true;
    }
    MedicappPatient patient;
    bool other_form = false;

  private:
    const FhirTerms& terms_;
    const std::string& id_;
};

/// The answer to a POST: at the least the new patient's id. Whether it is the patient who was sent,
/// the caller sees.
class CreatedReader final : public AnswerReader {
  public:
    explicit CreatedReader(const std::string& external_id) : external_id_(external_id) {}
    bool read(const http::Response& response) override {
        auto read = read_patient(response.body);
        if (!read || read->id.empty()) return false;
        // Only 201 says that somebody was created.
        const auto& answered = read->patient.external_id();
        if (response.status != created && !answered.empty() && answered != external_id_)
            return object(another_patient);
        patient = std::move(*read);
        return true;
    }
    MedicappPatient patient;

  private:
    static constexpr int created = 201;
    const std::string& external_id_;
};

/// The answer to a PUT: the patient that was written, or no body at all.
class UpdatedReader final : public AnswerReader {
  public:
    explicit UpdatedReader(const std::string& id) : id_(id) {}
    bool read(const http::Response& response) override {
        if (response.body.find_first_not_of(" \t\r\n") != std::string::npos) {
            auto read = read_patient(response.body);
            if (!read) return false;
            if (!read->id.empty() && read->id != id_) return object(another_patient);
            patient = std::move(*read);
        }
        patient.id = id_;
        return true;
    }
    MedicappPatient patient;

  private:
    const std::string& id_;
};

ApiError not_sendable(std::string what) {
    ApiError error(Failure::rejected);
    error.what = std::move(what);
    return error;
}

/// If Medicapp's answer leaves a field out, Medicapp has what was sent.
void complete(MedicappPatient& created, const Patient& sent) {
    if (created.patient.external_id().empty()) created.patient.set_external_id(sent.external_id());
    const bool address_answered = created.shown.has(reconcile::Field::street);
    for (const auto field : reconcile::all_fields()) {
        if (is_address(field) && address_answered) continue;
        if (created.patient[field].is_unknown() && sent[field].is_known()) {
            created.patient[field] = sent[field];
        }
    }
    created.shown = reconcile::every_field();
}

ApiError leads_elsewhere(std::string_view name) {
    ApiError error(Failure::unavailable);
    error.what = std::string(name) + ": the link to the next page leads elsewhere";
    return error;
}

constexpr int no_content = 204;

/// A DELETE's answer needs no body, but a page of a proxy is not Medicapp's answer.
class ErasedReader final : public AnswerReader {
  public:
    bool read(const http::Response& response) override {
        status = response.status;
        const auto first = response.body.find_first_not_of(" \t\r\n");
        return first == std::string::npos || response.body[first] != '<';
    }
    int status = 0;
};

/// An answer that Medicapp does not give to a DELETE says nothing of what became of it.
ApiError not_the_answer_to_erasure(std::string_view name, int status) {
    ApiError error(Failure::unknown);
    error.status = status;
    error.what = std::string(name) + ": " + std::to_string(status) + " where 204 is expected";
    return error;
}

} // namespace

MedicappClientSettings client_settings(const config::MedicappSettings& settings,
                                       std::uint64_t seed) {
    MedicappClientSettings client;
    client.base_path = settings.base_url.path;
    while (client.base_path.ends_with('/'))
        client.base_path.pop_back();
    client.api_key = settings.api_key;
    client.concurrency = settings.concurrency;
    client.rate_limit = settings.rate_limit;
    client.seed = seed;
    client.representation = settings.representation;
    client.fhir.id_system = settings.id_system;
    client.fhir.external_id_system = settings.external_id_system;
    return client;
}

MedicappClient::MedicappClient(http::Transport& transport, runtime::Clock& clock,
                               log::EventLog& log, MedicappClientSettings settings)
    : parts_(std::make_unique<Parts>(transport, clock, log, std::move(settings))) {}

MedicappClient::~MedicappClient() = default;

Task<Reply<MedicappPage>> MedicappClient::list(ListQuery query) {
    const auto terms = co_await parts_->form.terms(query.page == 1 && !query.modified_after);
    if (!terms) co_return std::unexpected(terms.error());
    Reply<MedicappPage> page;
    if (*terms)
        page = co_await list_fhir(query, **terms);
    else
        page = co_await list_native(query);
    if (page && page->page == 0) page->page = query.page;
    co_return page;
}

Task<Reply<MedicappPage>> MedicappClient::list_native(const ListQuery& query) {
    Call call(http::Method::get, "GET /patients", parts_->exchange.target(list_path(query)), "");
    PageReader reader;
    auto error = co_await parts_->exchange.perform(std::move(call), reader);
    if (reader.other_form) parts_->form.lost();
    if (error) co_return std::unexpected(std::move(*error));
    co_return std::move(reader.page);
}

Task<Reply<MedicappPage>> MedicappClient::list_fhir(const ListQuery& query, FhirTerms terms) {
    constexpr std::string_view name = "GET /patients?template=FHIR";
    auto path = query.link.empty() ? with_fhir_template(list_path(query))
                                   : linked_path(query.link, parts_->base_path);
    if (path.empty()) co_return std::unexpected(leads_elsewhere(name));
    Call call(http::Method::get, name, parts_->exchange.target(path), "");
    FhirPageReader reader(terms, query.page);
    auto error = co_await parts_->exchange.perform(std::move(call), reader);
    if (reader.other_form) parts_->form.lost();
    if (error) co_return std::unexpected(std::move(*error));
    co_return std::move(reader.page);
}

Task<Reply<MedicappPatient>> MedicappClient::get(std::string id) {
    if (!is_usable_id(id)) co_return std::unexpected(not_sendable("GET /patients/{id}: not an id"));
    const auto terms = co_await parts_->form.terms(false);
    if (!terms) co_return std::unexpected(terms.error());
    if (!*terms) co_return co_await get_native(id);
    const bool has_native = (*terms)->native;
    auto reply = co_await get_fhir(id, **terms);
    if (!reply || !has_native) co_return reply;
    // A field that the resource lacks may be empty, or not be shown: only the native form tells.
    const bool is_whole = reply->shown == reconcile::every_field();
    const bool is_counted = reply->records_count || !parts_->counts_records;
    if (is_whole && is_counted) co_return reply;
    auto native = co_await get_native(id);
    // As the lists show it: they may have whole seconds where the native form has milliseconds.
    if (native) native->modified_at = reply->modified_at;
    co_return native;
}

Task<Reply<MedicappPatient>> MedicappClient::get_native(const std::string& id) {
    Call call(http::Method::get, "GET /patients/{id}", parts_->exchange.target(patient_path(id)),
              "");
    call.about_one = true;
    DetailReader reader(id);
    auto error = co_await parts_->exchange.perform(std::move(call), reader);
    if (reader.other_form) parts_->form.lost();
    if (error) co_return std::unexpected(std::move(*error));
    co_return std::move(reader.patient);
}

Task<Reply<MedicappPatient>> MedicappClient::get_fhir(const std::string& id, FhirTerms terms) {
    auto path = with_fhir_template(patient_path(id));
    Call call(http::Method::get, "GET /patients/{id}?template=FHIR", parts_->exchange.target(path),
              "");
    call.about_one = true;
    FhirDetailReader reader(terms, id);
    auto error = co_await parts_->exchange.perform(std::move(call), reader);
    if (reader.other_form) parts_->form.lost();
    if (error) co_return std::unexpected(std::move(*error));
    co_return std::move(reader.patient);
}

Task<Reply<MedicappPatient>> MedicappClient::create(Patient patient) {
    auto body = create_body(patient);
    if (!body) co_return std::unexpected(not_sendable("POST /patients: a value is not UTF-8"));
    Call call(http::Method::post, "POST /patients", parts_->exchange.target(patients_path),
              std::move(*body));
    CreatedReader reader(patient.external_id());
    auto error = co_await parts_->exchange.perform(std::move(call), reader);
    if (error) co_return std::unexpected(std::move(*error));
    if (reader.patient.tells_whom()) complete(reader.patient, patient);
    co_return std::move(reader.patient);
}

Task<Reply<MedicappPatient>> MedicappClient::update(PatientUpdate update) {
    auto body = update_body(update);
    if (!is_usable_id(update.id) || !body) {
        co_return std::unexpected(
            not_sendable("PUT /patients/{id}: no id, nothing to write, or not UTF-8"));
    }
    Call call(http::Method::put, "PUT /patients/{id}",
              parts_->exchange.target(patient_path(update.id)), std::move(*body));
    UpdatedReader reader(update.id);
    auto error = co_await parts_->exchange.perform(std::move(call), reader);
    if (error) co_return std::unexpected(std::move(*error));
    co_return std::move(reader.patient);
}

const RequestCounts& MedicappClient::requests() const {
    return parts_->exchange.counts();
}
std::optional<double> MedicappClient::rate() const {
    return parts_->exchange.rate();
}
MedicappPace MedicappClient::pace() const {
    return parts_->exchange.pace();
}
bool MedicappClient::credentials_refused() const {
    return parts_->exchange.credentials_refused();
}
std::string MedicappClient::refusal() const {
    return parts_->exchange.refusal();
}
std::shared_ptr<FormKnown> MedicappClient::form_known() const {
    return parts_->form.known();
}
bool MedicappClient::failing() const {
    return parts_->exchange.failing();
}
void MedicappClient::note_silence(std::string what, runtime::Duration lasted) {
    parts_->exchange.note_silence(std::move(what), lasted);
}
void MedicappClient::cancel() {
    parts_->exchange.cancel();
}
void MedicappClient::try_credentials() {
    parts_->exchange.try_credentials();
}

void MedicappClient::credentials_renewed(const config::Secret& api_key) {
    parts_->exchange.use_key(api_key);
    parts_->exchange.try_credentials();
}

runtime::Task<Reply<void>> MedicappEraser::erase(std::string id) {
    if (!is_usable_id(id)) {
        ApiError error(Failure::rejected);
        error.what = "DELETE /patients/{id}: not an id";
        co_return std::unexpected(std::move(error));
    }
    auto target = client_.parts_->exchange.target(patient_path(id));
    Call call(http::Method::delete_, "DELETE /patients/{id}", std::move(target), "");
    ErasedReader reader;
    auto error = co_await client_.parts_->exchange.perform(std::move(call), reader);
    if (error) co_return std::unexpected(std::move(*error));
    if (reader.status != no_content)
        co_return std::unexpected(
            not_the_answer_to_erasure("DELETE /patients/{id}", reader.status));
    co_return Reply<void>();
}

} // namespace medibridge::connectors
