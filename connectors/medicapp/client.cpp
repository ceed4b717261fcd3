#include "connectors/medicapp/client.hpp"

#include "base/bytes/encode.hpp"
#include "base/http/timing_headers.hpp"
#include "connectors/medicapp/answers.hpp"
#include "connectors/medicapp/bodies.hpp"
#include "connectors/medicapp/exchange.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace medibridge::connectors {

using reconcile::Patient;
using runtime::Task;

namespace {

constexpr std::string_view patients_path = "/patients";

class PageReader final : public AnswerReader {
  public:
    bool read(const http::Response& response) override {
        auto read = read_page(response.body);
        if (!read) return false;
        page = std::move(*read);
        page.server_time = http::parse_http_date(response.header("Date"));
        return true;
    }
    MedicappPage page;
};

/// The answer to a GET: the patient that was asked for.
class DetailReader final : public AnswerReader {
  public:
    explicit DetailReader(const std::string& id) : id_(id) {}
    bool read(const http::Response& response) override {
        auto read = read_patient(response.body);
        if (!read || read->id != id_) return false;
        patient = std::move(*read);
        patient.has_address = true;
        return true;
    }
    MedicappPatient patient;

  private:
    const std::string& id_;
};

/// The answer to a POST: at the least the new patient's id, and nobody else's externalId.
class CreatedReader final : public AnswerReader {
  public:
    explicit CreatedReader(const std::string& external_id) : external_id_(external_id) {}
    bool read(const http::Response& response) override {
        auto read = read_patient(response.body);
        if (!read || read->id.empty()) return false;
        const auto& answered = read->patient.external_id();
        if (!answered.empty() && answered != external_id_) return false;
        patient = std::move(*read);
        return true;
    }
    MedicappPatient patient;

  private:
    const std::string& external_id_;
};

/// The answer to a PUT: the patient that was written, or no body at all.
class UpdatedReader final : public AnswerReader {
  public:
    explicit UpdatedReader(const std::string& id) : id_(id) {}
    bool read(const http::Response& response) override {
        if (response.body.find_first_not_of(" \t\r\n") != std::string::npos) {
            auto read = read_patient(response.body);
            if (!read || (!read->id.empty() && read->id != id_)) return false;
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

void append_time(std::string& target, std::string_view name,
                 const std::optional<reconcile::Instant>& time, reconcile::Precision precision) {
    if (!time) return;
    target += name;
    target += base::percent_encode(reconcile::format_rfc3339(*time, precision));
}

std::string list_path(const ListQuery& query) {
    constexpr std::int64_t largest_page = 100;
    std::string path(patients_path);
    path += "?page=" + std::to_string(std::max<std::int64_t>(query.page, 1));
    path +=
        "&per_page=" + std::to_string(std::clamp<std::int64_t>(query.per_page, 1, largest_page));
    append_time(path, "&created_after=", query.created_after, query.precision);
    append_time(path, "&modified_after=", query.modified_after, query.precision);
    return path;
}

std::string patient_path(const std::string& id) {
    std::string path(patients_path);
    path += '/';
    path += base::percent_encode(id);
    return path;
}

/// If Medicapp's answer leaves a field out, Medicapp has what was sent.
void complete(MedicappPatient& created, const Patient& sent) {
    if (created.patient.external_id().empty()) created.patient.set_external_id(sent.external_id());
    const bool address_answered = created.has_address;
    for (const auto field : reconcile::all_fields()) {
        if (is_address(field) && address_answered) continue;
        if (created.patient[field].is_unknown() && sent[field].is_known()) {
            created.patient[field] = sent[field];
        }
    }
    created.has_address = true;
}

/// A DELETE's answer needs no body, but a page of a proxy is not Medicapp's answer.
class ErasedReader final : public AnswerReader {
  public:
    bool read(const http::Response& response) override {
        const auto first = response.body.find_first_not_of(" \t\r\n");
        return first == std::string::npos || response.body[first] != '<';
    }
};

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
    return client;
}

MedicappClient::MedicappClient(http::Transport& transport, runtime::Clock& clock,
                               log::EventLog& log, MedicappClientSettings settings)
    : exchange_(std::make_unique<Exchange>(transport, clock, log, std::move(settings))) {}

MedicappClient::~MedicappClient() = default;

Task<Reply<MedicappPage>> MedicappClient::list(ListQuery query) {
    Call call(http::Method::get, "GET /patients", exchange_->target(list_path(query)), "");
    PageReader reader;
    auto error = co_await exchange_->perform(std::move(call), reader);
    if (error) co_return std::unexpected(std::move(*error));
    if (reader.page.page == 0) reader.page.page = query.page;
    co_return std::move(reader.page);
}

Task<Reply<MedicappPatient>> MedicappClient::get(std::string id) {
    if (!is_usable_id(id)) co_return std::unexpected(not_sendable("GET /patients/{id}: not an id"));
    Call call(http::Method::get, "GET /patients/{id}", exchange_->target(patient_path(id)), "");
    call.about_one = true;
    DetailReader reader(id);
    auto error = co_await exchange_->perform(std::move(call), reader);
    if (error) co_return std::unexpected(std::move(*error));
    co_return std::move(reader.patient);
}

Task<Reply<MedicappPatient>> MedicappClient::create(Patient patient) {
    auto body = create_body(patient);
    if (!body) co_return std::unexpected(not_sendable("POST /patients: a value is not UTF-8"));
    Call call(http::Method::post, "POST /patients", exchange_->target(patients_path),
              std::move(*body));
    CreatedReader reader(patient.external_id());
    auto error = co_await exchange_->perform(std::move(call), reader);
    if (error) co_return std::unexpected(std::move(*error));
    complete(reader.patient, patient);
    co_return std::move(reader.patient);
}

Task<Reply<MedicappPatient>> MedicappClient::update(PatientUpdate update) {
    auto body = update_body(update);
    if (!is_usable_id(update.id) || !body) {
        co_return std::unexpected(
            not_sendable("PUT /patients/{id}: no id, nothing to write, or not UTF-8"));
    }
    Call call(http::Method::put, "PUT /patients/{id}", exchange_->target(patient_path(update.id)),
              std::move(*body));
    UpdatedReader reader(update.id);
    auto error = co_await exchange_->perform(std::move(call), reader);
    if (error) co_return std::unexpected(std::move(*error));
    co_return std::move(reader.patient);
}

const RequestCounts& MedicappClient::requests() const {
    return exchange_->counts();
}
std::optional<double> MedicappClient::rate() const {
    return exchange_->rate();
}
MedicappPace MedicappClient::pace() const {
    return exchange_->pace();
}
bool MedicappClient::credentials_refused() const {
    return exchange_->credentials_refused();
}
std::string MedicappClient::refusal() const {
    return exchange_->refusal();
}
bool MedicappClient::failing() const {
    return exchange_->failing();
}
void MedicappClient::cancel() {
    exchange_->cancel();
}
void MedicappClient::try_credentials() {
    exchange_->try_credentials();
}

void MedicappClient::credentials_renewed(const config::Secret& api_key) {
    exchange_->use_key(api_key);
    exchange_->try_credentials();
}

runtime::Task<Reply<void>> MedicappEraser::erase(std::string id) {
    if (!is_usable_id(id)) {
        ApiError error(Failure::rejected);
        error.what = "DELETE /patients/{id}: not an id";
        co_return std::unexpected(std::move(error));
    }
    auto target = client_.exchange_->target("/patients/" + base::percent_encode(id));
    Call call(http::Method::delete_, "DELETE /patients/{id}", std::move(target), "");
    ErasedReader reader;
    auto error = co_await client_.exchange_->perform(std::move(call), reader);
    if (error) co_return std::unexpected(std::move(*error));
    co_return Reply<void>();
}

} // namespace medibridge::connectors
