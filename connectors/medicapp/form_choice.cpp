#include "connectors/medicapp/form_choice.hpp"

#include "base/http/timing_headers.hpp"
#include "connectors/medicapp/events.hpp"
#include "connectors/medicapp/fetch.hpp"
#include "connectors/medicapp/paths.hpp"

#include <utility>

namespace medibridge::connectors {

using config::Representation;
using runtime::Task;
using Form = FormKnown::Form;

namespace {

constexpr std::string_view fhir_list_name = "GET /patients?template=FHIR";
constexpr std::string_view fhir_detail_name = "GET /patients/{id}?template=FHIR";
/// Enough to find one with an address, most likely.
constexpr std::size_t most_details = 3;

std::string words_of(const FhirTerms& terms) {
    return "id: " + (terms.id_system.empty() ? "the resource's" : terms.id_system) +
           "; externalId: " + terms.external_id_system +
           (terms.native ? "" : "; there is no native form");
}

} // namespace

FormChoice::FormChoice(Exchange& exchange, log::EventLog& log, Representation wanted,
                       FhirTerms configured, std::shared_ptr<FormKnown> known)
    : exchange_(exchange),
      log_(log),
      wanted_(wanted),
      configured_(std::move(configured)),
      known_(known ? std::move(known) : std::make_shared<FormKnown>()),
      comparison_([this] { return ask(); }) {
    if (wanted == Representation::native) known_->form = Form::native;
}

Task<Reply<const FhirTerms*>> FormChoice::terms(bool whole_list) {
    if (whole_list && known_->for_now) lost();
    if (known_->form == Form::unknown) {
        auto error = co_await comparison_.ask([this] { return known_->form != Form::unknown; });
        if (error) co_return std::unexpected(std::move(*error));
    }
    co_return known_->form == Form::fhir ? &known_->terms : nullptr;
}

void FormChoice::lost() {
    if (wanted_ != Representation::native) known_->form = Form::unknown;
}

Task<std::optional<ApiError>> FormChoice::ask() {
    const auto told = std::exchange(known_->told, {});
    if (wanted_ == Representation::automatic &&
        (told == "ignored" || told.starts_with("refused"))) {
        use_native("the last probe says that it is " + told, false);
        co_return std::nullopt;
    }
    BothForms forms;
    const auto path = list_path(ListQuery());
    auto native = co_await fetch(exchange_, fhir_list_name, path, false);
    if (!native) co_return std::move(native.error());
    auto fhir = co_await fetch(exchange_, fhir_list_name, with_fhir_template(path), false);
    if (!fhir) co_return std::move(fhir.error());
    if (fhir->refusal) {
        FormsFound found;
        found.unusable = true;
        found.objection = "Medicapp refuses it: " + reason_of(*fhir->refusal);
        co_return choose(std::move(found));
    }
    forms.now = http::parse_http_date(fhir->response.header("Date"));
    forms.list.native = std::move(native->response.body);
    forms.list.fhir = std::move(fhir->response.body);
    auto error = co_await ask_details(forms);
    if (error) co_return std::move(error);
    co_return choose(compare_forms(forms, configured_));
}

Task<std::optional<ApiError>> FormChoice::ask_details(BothForms& forms) {
    for (const auto& id : ids_to_compare(forms.list.native, most_details)) {
        const auto path = patient_path(id);
        auto native = co_await fetch(exchange_, fhir_detail_name, path, true);
        if (!native) co_return std::move(native.error());
        auto fhir = co_await fetch(exchange_, fhir_detail_name, with_fhir_template(path), true);
        if (!fhir) co_return std::move(fhir.error());
        forms.details.push_back({std::move(native->response.body), std::move(fhir->response.body)});
    }
    co_return std::nullopt;
}

std::optional<ApiError> FormChoice::choose(FormsFound found) {
    if (found.nobody) {
        use_native(found.objection.empty() ? "there are no patients yet" : found.objection, true);
        return std::nullopt;
    }
    if (wanted_ == Representation::automatic && !found.objection.empty()) {
        use_native(found.objection, false);
        return std::nullopt;
    }
    if (found.unusable) {
        ApiError error(Failure::unavailable);
        error.what = std::string(fhir_list_name) + ": " + found.objection;
        return error;
    }
    use_fhir(std::move(found));
    return std::nullopt;
}

void FormChoice::use_native(const std::string& reason, bool for_now) {
    known_->form = Form::native;
    known_->for_now = for_now;
    log::Event event(events::medicapp_native);
    if (for_now) event.set_level(log::Level::info);
    say(std::move(event).with(log::Key::reason, reason), reason);
}

void FormChoice::use_fhir(FormsFound found) {
    known_->form = Form::fhir;
    known_->for_now = false;
    known_->terms = std::move(found.terms);
    auto words = words_of(known_->terms);
    if (!found.objection.empty()) words = found.objection + "; " + words;
    say(log::Event(events::medicapp_fhir).with(log::Key::detail, words), words);
}

void FormChoice::say(const log::Event& event, const std::string& words) {
    if (std::exchange(known_->last_said, words) != words) log_.write(event);
}

} // namespace medibridge::connectors
