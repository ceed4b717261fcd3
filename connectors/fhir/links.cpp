#include "connectors/fhir/links.hpp"

#include "base/bytes/hash.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace medibridge::connectors {

using reconcile::SourceRecord;
using runtime::Task;

namespace {

/// Numbers of one resource are one patient's, whatever is said of each.
void keep_numbers(FhirPatient& patient) {
    auto& numbers = patient.record.prior_ids;
    numbers = patient.former;
    numbers.insert(numbers.end(), patient.others.begin(), patient.others.end());
    if (numbers.size() > reconcile::most_prior_ids) numbers.resize(reconcile::most_prior_ids);
}

} // namespace

SourceRecord FhirLinks::give(FhirPatient patient) {
    keep_numbers(patient);
    const auto& external_id = patient.record.patient.external_id();
    if (!external_id.empty()) in_use_.push_back(base::text_hash(external_id));
    // Which of them counts cannot be told; nobody else takes any.
    if (external_id.empty())
        for (const auto& number : patient.others)
            in_use_.push_back(base::text_hash(number));
    return std::move(patient.record);
}

FhirLinks::Traits FhirLinks::traits_of(const SourceRecord& record) {
    Traits traits;
    for (const auto field : reconcile::all_fields())
        if (reconcile::strict_traits().has(field))
            traits.values.emplace_back(field, record.patient[field]);
    traits.usual_last_name = record.usual_last_name;
    return traits;
}

/// What a patient states about the identifiers of others.
void FhirLinks::claim(const FhirPatient& patient) {
    const auto& survivor = patient.record.patient.external_id();
    if (survivor.empty() || claims_.size() >= server_.limits().held_back) return;
    for (const auto& link : patient.replaces)
        claims_.push_back({link, survivor, patient.record.place, traits_of(patient.record)});
    for (const auto& former : patient.former) {
        FhirLink link;
        link.external_id = former;
        claims_.push_back(
            {std::move(link), survivor, patient.record.place, traits_of(patient.record)});
    }
}

std::vector<SourceRecord> FhirLinks::take(std::vector<FhirPatient> patients) {
    std::vector<SourceRecord> records;
    for (auto& patient : patients) {
        const bool retired = is_retired(patient);
        if (!patient.id.empty() && known_.size() < server_.limits().remembered)
            known_.insert_or_assign(
                base::text_hash(patient.id),
                Other{std::string(patient.record.patient.external_id()), retired});
        claim(patient);
        if (retired && retired_.size() < server_.limits().held_back)
            retired_.push_back(std::move(patient));
        else
            records.push_back(give(std::move(patient)));
    }
    return records;
}

bool FhirLinks::is_used(const std::string& external_id) const {
    return std::ranges::binary_search(in_use_, base::text_hash(external_id));
}

Task<SourceResult<FhirLinks::Other>> FhirLinks::find(FhirLink link) {
    Other other;
    if (!link.external_id.empty()) {
        other.external_id = std::move(link.external_id);
        co_return other;
    }
    std::string id(server_.targets().own_patient(link.reference));
    if (id.empty()) co_return other;
    const auto hash = base::text_hash(id);
    const auto known = known_.find(hash);
    if (known != known_.end()) co_return known->second;
    if (lookups_ >= server_.limits().lookups) co_return other;
    ++lookups_;
    auto read = co_await server_.patient(std::move(id));
    if (!read) co_return std::unexpected(std::move(read).error());
    other.external_id = read->record.patient.external_id();
    other.retired = is_retired(*read);
    known_.insert_or_assign(hash, other);
    co_return other;
}

/// The first of the links that leads to somebody.
Task<SourceResult<std::string>> FhirLinks::survivor_of(std::vector<FhirLink> links) {
    std::string found;
    for (const auto& link : links) {
        auto one = co_await find(link);
        if (!one) co_return std::unexpected(std::move(one).error());
        found = std::move(one->external_id);
        if (!found.empty()) break;
    }
    co_return found;
}

/// Whether a retired patient's own record decides about its identifier.
Task<SourceResult<bool>> FhirLinks::counts(const FhirPatient& patient) {
    const std::string external_id = patient.record.patient.external_id();
    if (external_id.empty()) co_return true;
    if (is_used(external_id)) co_return false;
    if (whole_) co_return true;
    const auto look = co_await server_.look(external_id, patient.record.modified_at);
    if (!look) co_return std::unexpected(look.error());
    co_return !look->in_use;
}

Task<std::optional<SourceError>> FhirLinks::settle_retired(PageFaults& faults) {
    const auto says_who = [](const FhirLink& link) { return !link.external_id.empty(); };
    std::vector<std::uint64_t> used; // sorted in at the end
    for (auto& patient : retired_) {
        const auto counted = co_await counts(patient);
        if (!counted) co_return counted.error();
        if (!*counted) continue;
        keep_numbers(patient);
        auto& record = patient.record;
        auto survivor = co_await survivor_of(patient.replaced_by);
        if (!survivor) co_return std::move(survivor).error();
        // A patient that continues under the same identifier has its own record, which is this one
        // where the link says no more than that.
        const bool is_double = !survivor->empty() && *survivor == record.patient.external_id();
        const bool is_itself = is_double && std::ranges::all_of(patient.replaced_by, says_who);
        if (is_double && !is_itself) continue;
        if (is_itself)
            patient.replaced_by.clear();
        else
            record.merged_into = std::move(*survivor);
        if (!is_retired(patient)) used.push_back(base::text_hash(record.patient.external_id()));
        if (record.merged_into.empty() && !patient.replaced_by.empty()) {
            record.active = false;
            faults.add(MappingFault{"mergedInto", "leads to no patient that can be found"},
                       record.place);
        }
        records_.push_back(std::move(record));
    }
    in_use_.insert(in_use_.end(), used.begin(), used.end());
    std::ranges::sort(in_use_);
    co_return std::nullopt;
}

/// Which of the claims are about identifiers that nobody has in use; one for each, whatever their
/// order.
Task<std::optional<SourceError>> FhirLinks::judge_claims() {
    for (auto& claim : claims_) {
        const auto other = co_await find(claim.other);
        if (!other) co_return other.error();
        const auto& retired = other->external_id;
        if (retired.empty() || retired == claim.survivor || is_used(retired)) continue;
        const bool by_link = claim.other.external_id.empty();
        if (by_link && !other->retired) continue;
        auto& judged = judged_[retired];
        judged.agrees |= by_link;
        const auto& best = judged.claim.survivor;
        if (best.empty() ||
            std::tie(claim.survivor, claim.place) < std::tie(best, judged.claim.place))
            judged.claim = std::move(claim);
    }
    co_return std::nullopt;
}

Task<std::optional<SourceError>> FhirLinks::settle_claims() {
    std::map<std::string, std::vector<std::size_t>, std::less<>> own;
    for (std::size_t i = 0; i < records_.size(); ++i)
        own[records_[i].patient.external_id()].push_back(i);
    for (auto& [retired, judged] : judged_) {
        const auto& survivor = judged.claim.survivor;
        const auto its_own = own.find(retired);
        if (its_own != own.end()) {
            for (const auto at : its_own->second)
                if (records_[at].merged_into.empty()) records_[at].merged_into = survivor;
            continue;
        }
        FhirLook look;
        if (!whole_) {
            auto looked = co_await server_.look(retired, std::nullopt);
            if (!looked) co_return std::move(looked).error();
            look = std::move(*looked);
        }
        if (look.in_use) continue;
        // Of the survivor's time nothing follows for the retired one.
        SourceRecord record;
        for (auto& [field, value] : judged.claim.traits.values)
            record.patient[field] = std::move(value);
        record.usual_last_name = std::move(judged.claim.traits.usual_last_name);
        record.patient.set_external_id(retired);
        record.merged_into = survivor;
        record.second_hand = !look.telling && !judged.agrees;
        record.place = judged.claim.place;
        merged_.insert_or_assign(retired, survivor);
        records_.push_back(std::move(record));
    }
    co_return std::nullopt;
}

Task<SourceResult<std::vector<SourceRecord>>> FhirLinks::settle(PageFaults& faults) {
    std::ranges::sort(in_use_);
    auto failure = co_await settle_retired(faults);
    if (!failure) failure = co_await judge_claims();
    if (!failure) failure = co_await settle_claims();
    if (failure) co_return std::unexpected(std::move(*failure));
    co_return std::move(records_);
}

} // namespace medibridge::connectors
