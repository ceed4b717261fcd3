#include "base/bytes/ascii.hpp"
#include "connectors/medicapp/answers.hpp"
#include "connectors/medicapp/client_parts.hpp"
#include "connectors/medicapp/probe.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace medibridge::connectors {

using reconcile::Field;
using reconcile::FieldValue;
using runtime::Task;

namespace {

constexpr std::string_view sentinel_name = "SENTINELLE MEDIBRIDGE";
constexpr std::string_view renamed = "-renamed";

reconcile::Patient sentinel(const std::string& external_id) {
    reconcile::Patient patient(external_id);
    patient[Field::last_name] = FieldValue::known(std::string(sentinel_name));
    patient[Field::first_name] = FieldValue::known("Essai");
    patient[Field::birth_date] = FieldValue::known("1900-01-01");
    patient[Field::email] = FieldValue::known("sentinelle@medibridge.invalid");
    return patient;
}

/// Nobody else is ever deleted.
bool is_sentinel(const MedicappPatient& patient, const std::string& external_id) {
    const auto& theirs = patient.patient.external_id();
    const auto& name = patient.patient[Field::last_name];
    return (theirs == external_id || theirs == external_id + std::string(renamed)) &&
           name.is_known() && base::equal_ignoring_ascii_case(name.text(), sentinel_name);
}

bool is_said_no(const ApiError& error) {
    return error.failure == Failure::rejected || error.failure == Failure::refused ||
           error.failure == Failure::conflict;
}

ApiError left_behind(ApiError error) {
    error.what = "the sentinel may be left in Medicapp: " + reason_of(error) +
                 "; run the trial again, which removes it first";
    return error;
}

} // namespace

/// One trial; every step reads what the step before has done.
class MedicappProbe::Trial {
  public:
    Trial(MedicappProbe& probe, std::string external_id)
        : client_(probe.client_),
          clock_(probe.clock_),
          external_id_(std::move(external_id)) {}

    Task<std::optional<ApiError>> create() {
        auto created = co_await client_.create(sentinel(external_id_));
        if (!created) co_return std::move(created.error());
        id_ = created->id;
        created_at_ = created->modified_at;
        co_return std::nullopt;
    }

    Task<std::optional<ApiError>> run() {
        for (auto step : {&Trial::watch_list, &Trial::clear_email, &Trial::change_name,
                          &Trial::create_again, &Trial::change_external_id}) {
            auto error = co_await (this->*step)();
            if (error) co_return std::move(error);
        }
        co_return std::nullopt;
    }

    /// Those that were created, and are sentinels by a look at each.
    Task<std::optional<ApiError>> remove() {
        for (const auto& id : {id_, second_}) {
            if (id.empty()) continue;
            auto error = co_await remove_one(id);
            if (error) co_return std::move(error);
        }
        co_return std::nullopt;
    }

    Task<std::optional<ApiError>> remove_one(std::string id) {
        auto now = co_await client_.get_native(id);
        if (!now && now.error().failure == Failure::not_found) co_return std::nullopt;
        if (!now) co_return std::move(now.error());
        if (!is_sentinel(*now, external_id_)) co_return not_the_sentinel();
        MedicappEraser eraser(client_);
        auto erased = co_await eraser.erase(id);
        const bool looks = erased || erased.error().failure == Failure::not_found ||
                           erased.error().failure == Failure::unknown;
        if (!looks) co_return std::move(erased.error());
        now = co_await client_.get_native(id);
        if (now) co_return still_there();
        if (now.error().failure != Failure::not_found) co_return std::move(now.error());
        co_return std::nullopt;
    }

    bool has_begun() const { return !id_.empty(); }

    Behaviour seen;

  private:
    static ApiError not_the_sentinel() {
        ApiError error(Failure::rejected);
        error.what = "the patient who was created is somebody else now, and was not deleted";
        return error;
    }
    static ApiError still_there() {
        ApiError error(Failure::rejected);
        error.what = "Medicapp shows the sentinel although it was deleted";
        return error;
    }

    /// How soon a list shows what was written.
    Task<std::optional<ApiError>> watch_list() {
        constexpr runtime::Duration longest{10'000};
        constexpr runtime::Duration pause{100};
        if (!created_at_) co_return std::nullopt;
        ListQuery query;
        query.modified_after = *created_at_ - std::chrono::seconds(1);
        const auto began = clock_.now();
        for (int look = 0;; ++look) {
            auto page = co_await client_.list_native(query);
            if (!page) co_return std::move(page.error());
            const auto waited = clock_.now() - began;
            const bool there = std::ranges::find(page->patients, id_, &MedicappPatient::id) !=
                               page->patients.end();
            if (there || waited > longest) {
                seen["visibility"] = !there      ? "not within 10 seconds"
                                     : look == 0 ? "at once"
                                                 : "late";
                co_return std::nullopt;
            }
            co_await clock_.sleep_for(pause);
        }
    }

    /// Sends the update, and says what became of it: `accepts` names the effect that was asked for.
    Task<std::optional<ApiError>> change(PatientUpdate update, std::string aspect,
                                         std::string accepted,
                                         std::function<bool(const MedicappPatient&)> accepts) {
        update.id = id_;
        auto reply = co_await client_.update(std::move(update));
        if (!reply && is_said_no(reply.error())) {
            seen[aspect] = refusal_words(reply.error());
            co_return std::nullopt;
        }
        if (!reply) co_return std::move(reply.error());
        auto now = co_await client_.get_native(id_);
        if (!now) co_return std::move(now.error());
        seen[aspect] = accepts(*now) ? accepted : "ignored";
        co_return std::nullopt;
    }

    Task<std::optional<ApiError>> clear_email() {
        PatientUpdate update;
        update.clear.add(Field::email);
        co_return co_await change(std::move(update), "put_null", "clears",
                                  [](const MedicappPatient& now) {
                                      const auto& email = now.patient[Field::email];
                                      return !email.is_known() || email.text().empty();
                                  });
    }

    Task<std::optional<ApiError>> change_name() {
        PatientUpdate update;
        update.patient[Field::first_name] = FieldValue::known("Essai Deux");
        update.write.add(Field::first_name);
        co_return co_await change(std::move(update), "put_names", "changes them",
                                  [](const MedicappPatient& now) {
                                      return now.patient[Field::first_name].text() == "Essai Deux";
                                  });
    }

    Task<std::optional<ApiError>> change_external_id() {
        const auto other = external_id_ + std::string(renamed);
        PatientUpdate update;
        update.patient.set_external_id(other);
        update.write_external_id = true;
        co_return co_await change(
            std::move(update), "put_external_id", "changes it",
            [&other](const MedicappPatient& now) { return now.patient.external_id() == other; });
    }

    Task<std::optional<ApiError>> create_again() {
        auto second = co_await client_.create(sentinel(external_id_));
        if (second) {
            second_ = second->id;
            seen["same_external_id"] = second_ == id_ ? "answers with the first one" : "accepted";
            if (second_ == id_) second_.clear();
            co_return std::nullopt;
        }
        if (!is_said_no(second.error())) co_return std::move(second.error());
        seen["same_external_id"] = refusal_words(second.error());
        co_return std::nullopt;
    }

    MedicappClient& client_;
    runtime::Clock& clock_;
    std::string external_id_;
    std::string id_;
    std::string second_;
    std::optional<reconcile::Instant> created_at_;
};

Task<Reply<Behaviour>> MedicappProbe::try_sentinel(std::string external_id) {
    Trial trial(*this, std::move(external_id));
    auto failed = co_await trial.create();
    if (failed) {
        const bool refused = is_said_no(*failed);
        co_return std::unexpected(refused ? std::move(*failed) : left_behind(std::move(*failed)));
    }
    failed = co_await trial.run();
    auto left = co_await trial.remove();
    if (left) co_return std::unexpected(left_behind(std::move(*left)));
    if (failed) co_return std::unexpected(std::move(*failed));
    co_return std::move(trial.seen);
}

Task<Reply<void>> MedicappProbe::remove_sentinels(std::string external_id) {
    Trial trial(*this, external_id);
    std::vector<std::string> ids;
    ListQuery query;
    for (;; ++query.page) {
        const auto page = co_await client_.list_native(query);
        if (!page) co_return std::unexpected(page.error());
        for (const auto& patient : page->patients) {
            if (is_sentinel(patient, external_id)) ids.push_back(patient.id);
        }
        if (page->patients.empty() || query.page >= page->total_pages) break;
    }
    for (auto& id : ids) {
        auto error = co_await trial.remove_one(std::move(id));
        if (error) co_return std::unexpected(left_behind(std::move(*error)));
    }
    co_return Reply<void>();
}

} // namespace medibridge::connectors
