#include "connectors/medicapp/probe.hpp"

#include "connectors/medicapp/answers.hpp"
#include "connectors/medicapp/client_parts.hpp"
#include "connectors/medicapp/fetch.hpp"
#include "connectors/medicapp/fhir_answers.hpp"
#include "connectors/medicapp/paths.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors {

using runtime::Task;

namespace {

/// Nobody has this id.
constexpr std::string_view nobody = "medibridge-probe-nobody";
constexpr std::string_view native_list_name = "GET /patients";

std::string keep_alive_of(const http::Response& response) {
    const auto limits = response.header("Keep-Alive");
    const bool plain = std::ranges::all_of(limits, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '=' || c == ',' || c == ' ';
    });
    if (!limits.empty() && plain && limits.size() <= 40) return std::string(limits);
    return response.header("Connection") == "close" ? "no" : "unlimited, as far as is said";
}

std::string form_of(std::string_view body) {
    if (read_page(body)) return "ignored";
    if (!read_fhir_answer(body, {}, {})) return "something that is not understood";
    return body.find("\"Bundle\"") == std::string_view::npos ? "a list of resources" : "a Bundle";
}

} // namespace

Task<Reply<Fetched>> MedicappProbe::ask(std::string_view name, std::string path) {
    return fetch(client_.parts_->exchange, name, std::move(path), false);
}

Task<Reply<Behaviour>> MedicappProbe::look() {
    Behaviour seen;
    for (auto question : {&MedicappProbe::look_at_list, &MedicappProbe::look_at_limits,
                          &MedicappProbe::look_at_errors}) {
        auto error = co_await (this->*question)(seen);
        if (error) co_return std::unexpected(std::move(*error));
    }
    const auto form = client_.parts_->exchange.rate_refusal_form();
    if (!form.empty()) seen["rate_limit"] = form;
    co_return seen;
}

Task<std::optional<ApiError>> MedicappProbe::look_at_list(Behaviour& seen) {
    auto first = co_await ask(native_list_name, list_path(ListQuery()));
    if (!first) co_return std::move(first.error());
    if (first->refusal) co_return std::move(first->refusal);
    seen["keep_alive"] = keep_alive_of(first->response);
    const auto page = read_page(first->response.body);
    if (!page || page->patients.empty()) co_return std::nullopt;
    const auto order = list_order(page->patients);
    if (!order.empty()) seen["list_order"] = order;
    seen["precision"] =
        page->precision == reconcile::Precision::milliseconds ? "milliseconds" : "seconds";

    const auto newest = std::ranges::max_element(page->patients, {}, &MedicappPatient::modified_at);
    if (!newest->modified_at) co_return std::nullopt;
    ListQuery query;
    query.modified_after = newest->modified_at;
    auto later = co_await ask(native_list_name, list_path(query));
    if (!later) co_return std::move(later.error());
    const auto changes = read_page(later->response.body);
    if (!changes) co_return std::nullopt;
    const auto bound = filter_bound(*changes, *newest->modified_at, newest->id);
    if (!bound.empty()) seen["modified_after"] = bound;
    co_return std::nullopt;
}

Task<std::optional<ApiError>> MedicappProbe::look_at_limits(Behaviour& seen) {
    const std::string path(patients_path);
    auto many = co_await ask(native_list_name, path + "?page=1&per_page=1000");
    if (!many) co_return std::move(many.error());
    const auto page = read_page(many->response.body);
    if (many->refusal)
        seen["page_limit"] = refusal_words(*many->refusal);
    else if (page && page->per_page > 0)
        seen["page_limit"] = std::to_string(page->per_page);
    auto fhir = co_await ask(native_list_name, with_fhir_template(path + "?page=1&per_page=1"));
    if (!fhir) co_return std::move(fhir.error());
    seen["template"] = fhir->refusal ? refusal_words(*fhir->refusal) : form_of(fhir->response.body);
    co_return std::nullopt;
}

Task<std::optional<ApiError>> MedicappProbe::look_at_errors(Behaviour& seen) {
    auto zero = co_await ask(native_list_name, std::string(patients_path) + "?page=0&per_page=1");
    if (!zero) co_return std::move(zero.error());
    seen["page_zero"] = zero->refusal ? refusal_words(*zero->refusal) : "taken";
    auto unknown = co_await ask("GET /patients/{id}", patient_path(std::string(nobody)));
    if (!unknown) co_return std::move(unknown.error());
    seen["unknown_patient"] = unknown->refusal ? refusal_words(*unknown->refusal) : "answered";
    co_return std::nullopt;
}

} // namespace medibridge::connectors
