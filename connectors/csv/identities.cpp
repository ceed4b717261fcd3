#include "connectors/csv/identities.hpp"

#include "base/bytes/hash.hpp"
#include "connectors/csv/rows.hpp"
#include "connectors/source/pass_proof.hpp"
#include "reconcile/policy.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors {

using reconcile::IdentityTraits;

namespace {

/// More people under one identifier need not be distinguished.
constexpr std::size_t most_described = 8;

bool is_no_name(std::string_view name) {
    static const reconcile::IdentityPolicy usual;
    return reconcile::is_placeholder(name, usual);
}

IdentityTraits described_by(const reconcile::SourceRecord& record) {
    IdentityTraits traits(record.patient, record.usual_last_name);
    std::erase_if(traits.last_names, is_no_name);
    if (is_no_name(traits.first_name)) traits.first_name.clear();
    return traits;
}

/// A field that neither has counts as equal.
template <class Trait>
void fill(Trait& a, Trait& b, const Trait& unknown) {
    if (a.empty()) a = b.empty() ? unknown : b;
    if (b.empty()) b = a;
}

bool differ_in_who(IdentityTraits a, IdentityTraits b) {
    const std::string unknown = "unknown";
    fill(a.last_names, b.last_names, std::vector<std::string>(1, unknown));
    fill(a.first_name, b.first_name, unknown);
    fill(a.birth_date, b.birth_date, unknown);
    return !reconcile::agree(a, b);
}

} // namespace

std::uint64_t csv_id_hash(std::string_view cell) {
    return base::text_hash(trimmed_cell(cell));
}

void CsvIdentities::note(std::string_view id, std::string_view identity) {
    rows_.push_back(Row{csv_id_hash(id), base::text_hash(identity)});
}

bool CsvIdentities::any_differ() {
    std::ranges::sort(rows_);
    for (std::size_t row = 1; row < rows_.size(); ++row)
        if (rows_[row - 1].id == rows_[row].id && rows_[row - 1].identity != rows_[row].identity)
            suspects_[rows_[row].id];
    rows_ = std::vector<Row>();
    return !suspects_.empty();
}

void CsvIdentities::look_at(const reconcile::SourceRecord& record) {
    const auto suspect = suspects_.find(csv_id_hash(record.patient.external_id()));
    if (suspect == suspects_.end() || !record.merged_into.empty()) return;
    auto& its = suspect->second;
    auto traits = described_by(record);
    its.ambiguous = its.ambiguous || std::ranges::any_of(its.described, [&](const auto& other) {
                        return differ_in_who(traits, other);
                    });
    if (!its.ambiguous && its.described.size() < most_described)
        its.described.push_back(std::move(traits));
}

bool CsvIdentities::is_ambiguous(std::string_view id) const {
    const auto suspect = suspects_.find(csv_id_hash(id));
    return suspect != suspects_.end() && suspect->second.ambiguous;
}

} // namespace medibridge::connectors
