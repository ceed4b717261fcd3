#include "model_source.hpp"

#include <algorithm>
#include <set>

namespace medibridge::tests {

using connectors::SourcePage;
using connectors::SourceResult;
using reconcile::Field;
using reconcile::FieldValue;
using reconcile::SourceRecord;

class ModelSource::Reading final : public connectors::SourceReading {
  public:
    Reading(ModelSource& source, std::optional<reconcile::Instant> since)
        : source_(&source),
          since_(since) {}

    runtime::Task<SourceResult<SourcePage>> next() override {
        if (source_->broken) co_return std::unexpected(*source_->broken);
        std::vector<const SourceRecord*> matching;
        for (const auto& record : source_->records) {
            if (!since_ || !record.modified_at || *record.modified_at >= *since_) {
                matching.push_back(&record);
            }
        }
        if (!source_->lists_by_id) {
            std::ranges::stable_sort(matching, {}, [](const auto* r) { return r->modified_at; });
        }
        if (!total_) total_ = matching.size();
        stable_ = stable_ && *total_ == matching.size();
        SourcePage page;
        page.server_time = source_->now;
        page.precision = reconcile::Precision::milliseconds;
        const auto end = std::min(matching.size(), position_ + source_->page_size);
        for (; position_ < end; ++position_) {
            const auto& record = *matching[position_];
            stable_ = ids_.insert(record.patient.external_id()).second && stable_;
            fingerprint_ += std::hash<std::string>()(record.patient.external_id() +
                                                     record.patient[Field::phone].text());
            page.records.push_back(record);
        }
        page.last = position_ >= matching.size();
        ++source_->pages;
        if (source_->after_page) source_->after_page(++page_number_);
        co_return page;
    }

    bool proven() const override { return stable_; }
    std::uint64_t fingerprint() const override { return fingerprint_; }
    std::string contradiction() const override { return source_->contradiction; }

  private:
    ModelSource* source_;
    std::optional<reconcile::Instant> since_;
    std::optional<std::size_t> total_;
    std::size_t position_ = 0;
    int page_number_ = 0;
    bool stable_ = true;
    std::set<std::string> ids_;
    std::uint64_t fingerprint_ = 0;
};

SourceRecord& ModelSource::at(const std::string& external_id) {
    return *std::ranges::find(records, external_id, [](const SourceRecord& record) {
        return record.patient.external_id();
    });
}

void ModelSource::edit(const std::string& external_id, Field field, const std::string& text) {
    auto& record = at(external_id);
    record.patient[field] = FieldValue::known(text);
    now += std::chrono::milliseconds(1);
    record.modified_at = now;
}

void ModelSource::renumber(const std::string& from, const std::string& to, bool renamed) {
    now += std::chrono::minutes(1);
    auto& retired = at(from);
    auto alive = retired;
    retired.merged_into = to;
    retired.renamed = renamed;
    retired.modified_at = alive.modified_at = now;
    alive.patient.set_external_id(to);
    std::erase_if(records, [&to](const auto& one) { return one.patient.external_id() == to; });
    records.push_back(std::move(alive));
}

std::unique_ptr<connectors::SourceReading>
ModelSource::read(std::optional<reconcile::Instant> since) {
    if (!since) ++whole_readings;
    return std::make_unique<Reading>(*this, since);
}

SourceRecord record(const std::string& external_id) {
    SourceRecord record;
    record.patient.set_external_id(external_id);
    record.patient[Field::last_name] = FieldValue::known("Martin");
    record.patient[Field::first_name] = FieldValue::known("Anne");
    record.patient[Field::birth_date] = FieldValue::known("1980-02-29");
    record.patient[Field::gender] = FieldValue::known("F");
    record.patient[Field::phone] = FieldValue::known("+33612340001");
    record.patient[Field::email] = FieldValue::known("anne@example.org");
    record.patient[Field::street] = FieldValue::known("1 rue des Lilas");
    record.patient[Field::city] = FieldValue::known("Nantes");
    record.patient[Field::postal_code] = FieldValue::known("44000");
    record.patient[Field::country] = FieldValue::known("FR");
    record.modified_at = reconcile::Instant(std::chrono::milliseconds(1'700'000'000'000));
    return record;
}

} // namespace medibridge::tests
