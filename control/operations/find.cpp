#include "control/operations.hpp"
#include "control/patient_json.hpp"
#include "control/patient_search.hpp"

#include "reconcile/assess.hpp"

#include <utility>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

/// Hits of one side; more say that the text is too general.
constexpr std::size_t most_hits = 50;
/// Pages of one side that are read: 100,000 patients of Medicapp's.
constexpr std::int64_t most_pages = 1'000;
/// Whether Medicapp answers at all.
constexpr std::chrono::seconds first_page_limit{10};
/// How long a source is read.
constexpr std::chrono::minutes longest_reading{5};
/// Shorter texts find nearly everybody.
constexpr std::size_t shortest_text = 2;

/// What one side shows of those who are looked for.
struct Hits {
    std::string side;
    Json patients = Json::array();
    std::string stopped; ///< why not all was looked at; empty: it was
    std::string trouble; ///< why the side could not be read; empty: it could

    bool full() const { return patients.size() >= most_hits; }
    void add(const std::string& external_id, Json medicapp_id, Json patient) {
        Json it;
        it["where"] = side;
        it["external_id"] = text_or_null(external_id);
        it["medicapp_id"] = std::move(medicapp_id);
        it["patient"] = std::move(patient);
        patients.push_back(std::move(it));
    }
    void stop_at_hits() { stopped = "stopped at " + std::to_string(most_hits) + " hits"; }
    void stop_at_pages() { stopped = "stopped after " + std::to_string(most_pages) + " pages"; }
};

/// The first page comes soon or not at all; the others are asked for at the cycles' pace.
Task<Hits> search_medicapp(Call& call, const PatientSearch& search) {
    Hits hits{"medicapp", Json::array(), {}, {}};
    connectors::ListQuery query;
    for (;;) {
        const auto page = query.page == 1
                              ? co_await call.backend.ask_medicapp(query, first_page_limit)
                              : co_await call.backend.medicapp().list(query);
        if (!page) {
            hits.trouble = reason_of(page.error());
            co_return hits;
        }
        for (const auto& patient : page->patients) {
            if (hits.full()) break;
            if (search.finds(patient.patient))
                hits.add(patient.patient.external_id(), patient.id, medicapp_json(patient));
        }
        const bool last = page->patients.empty() || query.page >= page->total_pages;
        if (hits.full()) hits.stop_at_hits();
        if (last || hits.full()) co_return hits;
        if (query.page >= most_pages) break;
        ++query.page;
        query.link = page->next;
    }
    hits.stop_at_pages();
    co_return hits;
}

Task<Hits> search_source(Call& call, const PatientSearch& search, std::string source) {
    Hits hits{source, Json::array(), {}, {}};
    const auto& policy = call.backend.settings().identity;
    auto see = [&](const std::vector<reconcile::SourceRecord>& records) {
        for (const auto& record : records) {
            if (hits.full()) break;
            const auto patient = reconcile::assess(record, policy).patient;
            if (search.finds(patient))
                hits.add(patient.external_id(), nullptr, patient_json(patient));
        }
        return !hits.full();
    };
    const LookLimits limits{most_pages, longest_reading};
    const auto look =
        co_await call.backend.look_at_source(std::move(source), limits, std::move(see));
    hits.trouble = look.trouble;
    if (hits.full())
        hits.stop_at_hits();
    else if (!look.complete && look.trouble.empty())
        hits.stop_at_pages();
    co_return hits;
}

void take(Json& answer, Hits hits) {
    Json side;
    side["name"] = hits.side;
    side["up"] = hits.trouble.empty();
    side["found"] = hits.patients.size();
    side["complete"] = hits.stopped.empty() && hits.trouble.empty();
    side["reason"] = text_or_null(hits.trouble.empty() ? hits.stopped : hits.trouble);
    answer["sides"].push_back(std::move(side));
    for (auto& patient : hits.patients)
        answer["patients"].push_back(std::move(patient));
}

} // namespace

Task<Json> find(Call& call) {
    call.allow_parameters({"search"});
    const auto text = call.request.parameter("search").value_or("");
    const PatientSearch search(text, call.backend.settings().identity.default_region);
    if (search.empty() || text.size() < shortest_text)
        throw Failure(Failure::Kind::usage,
                      "`search` must be a name, birth date, phone, e-mail or externalId");
    // What was looked for is personal data itself.
    co_await call.note_look({}, "a search");
    Json it;
    it["patients"] = Json::array();
    it["sides"] = Json::array();
    take(it, co_await search_medicapp(call, search));
    for (const auto& source : call.backend.settings().his)
        take(it, co_await search_source(call, search, source.name));
    co_return it;
}

} // namespace medibridge::control::operations
