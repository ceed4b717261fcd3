#include "connectors/fhir/server.hpp"

#include "base/http/timing_headers.hpp"
#include "base/log/catalogue.hpp"
#include "connectors/json/value.hpp"

#include <algorithm>
#include <array>

namespace medibridge::connectors {

using Kind = SourceError::Kind;
using runtime::Task;

namespace {

bool is_wanted(std::string_view name, std::size_t) {
    static constexpr std::array<std::string_view, 8> wanted = {
        "resourceType", "rest", "mode", "resource", "type", "searchParam", "interaction", "name"};
    return name == "code" || std::ranges::find(wanted, name) != wanted.end();
}

bool has(const JsonValue& list, std::string_view member, std::string_view text) {
    return std::ranges::any_of(list.items(),
                               [&](const JsonValue& item) { return item[member].text() == text; });
}

constexpr RequestWords request_words{"base_url", "check `base_url`, and that the server is FHIR R4",
                                     "or ask why the server does not follow `_count`"};

std::unique_ptr<AccessToken> token_of(const FhirSettings& settings, Transports& transports,
                                      const SourceEnvironment& its, RetryLimits limits) {
    std::unique_ptr<TokenGrant> grant;
    if (const auto* secret = std::get_if<config::ClientCredentialsAuth>(&settings.auth))
        grant = make_grant(*secret);
    else if (const auto* key = std::get_if<config::PrivateKeyJwtAuth>(&settings.auth))
        grant = make_grant(*key, its.wall_clock);
    if (!grant) return nullptr;
    return std::make_unique<AccessToken>(std::move(grant), settings.base_url, transports, its.clock,
                                         its.seed, limits, its.figures);
}

} // namespace

std::optional<FhirCapability> read_fhir_capability(std::string_view body) {
    JsonShape shape;
    shape.keep = is_wanted;
    const auto document = read_json(body, shape);
    if (!document.fault.empty() || document.root["resourceType"].text() != "CapabilityStatement")
        return std::nullopt;
    for (const auto& rest : document.root["rest"].items()) {
        if (rest["mode"].text() == "client") continue;
        for (const auto& resource : rest["resource"].items()) {
            if (resource["type"].text() != "Patient") continue;
            // Parameters of all types may stand beside the types.
            const auto searches = [&](std::string_view name) {
                return has(resource["searchParam"], "name", name) ||
                       has(rest["searchParam"], "name", name);
            };
            FhirCapability capability;
            capability.last_updated = searches("_lastUpdated");
            capability.sort = searches("_sort");
            capability.history_of_type = has(resource["interaction"], "code", "history-type");
            capability.history_of_each = has(resource["interaction"], "code", "history-instance");
            return capability;
        }
    }
    return std::nullopt;
}

FhirServer::FhirServer(SourceEnvironment its, FhirSettings settings,
                       std::unique_ptr<Transports> transports, FhirLimits limits)
    : its_(std::move(its)),
      settings_(std::move(settings)),
      requests_(settings_),
      limits_(limits),
      transports_(std::move(transports)),
      token_(token_of(settings_, *transports_, its_, limits_.retries)),
      get_(transports_->to(settings_.base_url), its_.clock, its_.seed, limits_.retries,
           its_.figures, request_words) {
    get_.authorise(token_.get());
}

/// What is valid today is judged by the server's clock, or this machine's where it shows none.
FhirRules FhirServer::rules_for(const http::Response& response) const {
    FhirRules rules;
    rules.identifier_system = settings_.identifier_system;
    rules.region = its_.identity.default_region;
    rules.now = http::parse_http_date(response.header("Date"));
    if (!rules.now) rules.now = its_.wall_clock();
    return rules;
}

Task<std::optional<SourceError>> FhirServer::learn_capability() {
    if (capability_known_) co_return std::nullopt;
    std::optional<FhirCapability> read;
    RetryingGet::Reader reader = [&read](const http::Response& response) {
        read = read_fhir_capability(response.body);
        return std::string(); // it is asked for again in the next pass
    };
    auto request = requests_.get(requests_.capability());
    auto answer = co_await get_.get(std::move(request), std::move(reader), "metadata",
                                    RetryingGet::Absent::gone);
    if (!answer) {
        // Whatever is wrong, the pages of patients will show whether it matters.
        const auto kind = answer.error().kind;
        if (kind == Kind::cancelled || kind == Kind::unavailable) co_return answer.error();
    }
    capability_known_ = read || (answer && answer->status / 100 != 2);
    if (read) {
        capability_ = *read;
    } else {
        warn("the server does not say what it can do (metadata): deletions and `_sort` are not "
             "asked for");
    }
    if (!capability_.last_updated)
        warn("the server does not search by `_lastUpdated`: it is read completely each time");
    if (read && !capability_.history_of_type)
        warn("the server keeps no history of patients (history-type): deletions are not seen");
    co_return std::nullopt;
}

Task<SourceResult<FhirServer::Page>> FhirServer::page(std::string target, FhirBundleKind kind,
                                                      std::int64_t number, bool is_next) {
    Page page;
    const bool history = kind == FhirBundleKind::history;
    const auto where = (history ? "history page " : "page ") + std::to_string(number);
    const auto prefix = where + ", record ";
    RetryingGet::Reader reader = [&](const http::Response& response) {
        page.bundle = FhirBundle();
        const auto rules = rules_for(response);
        if (response.body.size() > limits_.body)
            return "a page has more than " + std::to_string(limits_.body) +
                   " bytes: set a smaller `page_size`";
        if (response.status == 204) return std::string();
        page.bundle = read_fhir_bundle(response.body, kind, rules, prefix, limits_.entries);
        for (auto& patient : page.bundle.patients)
            leave_out_itself(patient);
        const auto& code = page.bundle.outcome.error;
        return code.empty() ? page.bundle.fault : "the server reports an error (" + code + ")";
    };
    auto request = requests_.get(std::move(target));
    const auto absent = is_next ? RetryingGet::Absent::gone : RetryingGet::Absent::fault;
    auto answer = co_await get_.get(std::move(request), std::move(reader), where, absent);
    for (const auto& code : page.bundle.outcome.warnings)
        warn("the server warns in its answers (" + code + ")");
    if (!answer) {
        auto error = std::move(answer).error();
        if (error.kind == Kind::unreadable && page.bundle.outcome.passing)
            error.kind = Kind::unavailable;
        co_return std::unexpected(error);
    }
    page.server_time = http::parse_http_date(answer->header("Date"));
    page.gone = answer->status == 404 || answer->status == 410;
    co_return page;
}

/// A link of a patient to itself says nothing.
void FhirServer::leave_out_itself(FhirPatient& patient) const {
    const auto is_itself = [&](const FhirLink& link) {
        return link.external_id.empty() && !patient.id.empty() &&
               requests_.own_patient(link.reference) == patient.id;
    };
    std::erase_if(patient.replaced_by, is_itself);
    std::erase_if(patient.replaces, is_itself);
}

Task<SourceResult<FhirPatient>> FhirServer::patient(std::string id) {
    FhirPatient found;
    RetryingGet::Reader reader = [&](const http::Response& response) {
        JsonShape shape;
        shape.keep = is_wanted_of_patient;
        const auto document = read_json(response.body, shape);
        if (document.root["resourceType"].text() != "Patient") return "it is not a Patient";
        found = map_fhir_patient(document.root, rules_for(response), std::string());
        leave_out_itself(found);
        return "";
    };
    auto request = requests_.get(requests_.patient(id));
    auto answer = co_await get_.get(std::move(request), std::move(reader), "a linked patient",
                                    RetryingGet::Absent::gone);
    if (!answer) co_return std::unexpected(std::move(answer).error());
    co_return found;
}

Task<SourceResult<std::string>> FhirServer::former_external_id(std::string id) {
    std::string found;
    if (!capability_.history_of_each) co_return found;
    auto target = requests_.history_of(id);
    auto page = co_await this->page(std::move(target), FhirBundleKind::history, 1, true);
    if (!page) co_return std::unexpected(std::move(page).error());
    for (const auto& version : page->bundle.versions) {
        if (found.empty() && version.id == id) found = version.external_id;
    }
    co_return found;
}

Task<SourceResult<FhirLook>> FhirServer::look(std::string external_id,
                                              std::optional<reconcile::Instant> at) {
    FhirLook look;
    std::pair<std::string, reconcile::Instant> key(external_id, at.value_or(reconcile::Instant()));
    const auto known = looks_.find(key);
    if (at && known != looks_.end()) co_return known->second;
    auto target = requests_.holder(external_id);
    auto page = co_await this->page(std::move(target), FhirBundleKind::search, 1, true);
    if (!page) {
        const auto kind = page.error().kind;
        if (kind == Kind::cancelled || kind == Kind::unavailable)
            co_return std::unexpected(std::move(page).error());
        co_return look;
    }
    look.telling = !page->bundle.patients.empty();
    for (const auto& patient : page->bundle.patients) {
        const auto& its = patient.record.patient.external_id();
        const bool had = std::ranges::find(patient.former, external_id) != patient.former.end();
        const auto& others = patient.others;
        const bool has =
            its == external_id || std::ranges::find(others, external_id) != others.end();
        look.in_use = look.in_use || (goes_by(patient, external_id) && !is_retired(patient));
        // Others are shown by a server that does not know the parameter.
        look.telling = look.telling && (has || had);
        const bool survives = had && !its.empty() && !is_retired(patient);
        if (survives && (look.survivor.empty() || its < look.survivor)) look.survivor = its;
    }
    if (!at) co_return look;
    if (looks_.size() >= limits_.deletions) looks_.clear();
    looks_.insert_or_assign(std::move(key), look);
    co_return look;
}

Task<SourceResult<std::optional<std::int64_t>>>
FhirServer::count(std::optional<reconcile::Instant> since) {
    std::optional<std::int64_t> count;
    RetryingGet::Reader reader = [&](const http::Response& response) {
        const auto rules = rules_for(response);
        count = read_fhir_bundle(response.body, FhirBundleKind::search, rules, "").total;
        return std::string(); // who does not count says nothing
    };
    auto request = requests_.get(requests_.count(since));
    const auto answer =
        co_await get_.get(std::move(request), std::move(reader), "count", RetryingGet::Absent::any);
    if (!answer) co_return std::unexpected(answer.error());
    co_return count;
}

LinkTrail FhirServer::trail(std::string first_target) const {
    return {settings_.base_url, std::move(first_target)};
}

std::optional<SourceError> FhirServer::follow(LinkTrail& trail, const std::string& link,
                                              std::int64_t number) const {
    const auto where = "page " + std::to_string(number) + ": the link to the next page ";
    if (static_cast<std::size_t>(number) >= limits_.pages)
        return SourceError(Kind::unreadable, "the list has more than " +
                                                 std::to_string(limits_.pages) +
                                                 " pages: set a larger `page_size`");
    switch (trail.follow(link)) {
    case LinkTrail::Step::followed:
        return std::nullopt;
    case LinkTrail::Step::no_link:
        return SourceError(Kind::unreadable, where + "is not a link");
    case LinkTrail::Step::elsewhere:
        return SourceError(Kind::unreadable,
                           where + "leads to another server than `base_url`, and is not followed, "
                                   "because the credentials would go there: set the server's own "
                                   "address right (behind a proxy it often is not)");
    case LinkTrail::Step::circle:
        return SourceError(Kind::unreadable, where + "leads back to a page that was already read");
    }
    return std::nullopt;
}

void FhirServer::warn(const std::string& reason) {
    if (!warned_.insert(reason).second) return;
    its_.log.write(log::Event(log::events::source_warning)
                       .with(log::Key::source, its_.name)
                       .with(log::Key::reason, reason));
}

std::int64_t FhirServer::requests() const {
    return get_.requests() + (token_ ? token_->requests() : 0);
}

void FhirServer::cancel() {
    get_.cancel();
    if (token_) token_->cancel();
    transports_->cancel();
}

} // namespace medibridge::connectors
