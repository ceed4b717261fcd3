#include "connectors/csv/records.hpp"

#include "connectors/inbox/bounds.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace medibridge::connectors {

namespace {

/// `the row has 2 columns instead of 6`
std::string shape_of(std::size_t columns, std::size_t width) {
    auto words = "the row has " + std::to_string(columns) +
                 (columns == 1 ? " column" : " columns") + " instead of " + std::to_string(width);
    if (columns > width) words += ": a cell that holds the delimiter must be quoted";
    return words;
}

constexpr std::array<std::pair<std::string_view, reconcile::Fact>, 5> fact_fields{{
    {"active", reconcile::Fact::active},
    {"deceased", reconcile::Fact::death},
    {"identityStatus", reconcile::Fact::identity_status},
    {"usualLastName", reconcile::Fact::usual_last_name},
    {"mergedInto", reconcile::Fact::merge},
}};

} // namespace

CsvRecords::CsvRecords(CsvRows::Read read, const CsvSettings& settings,
                       const RecordMapping& mapping, std::string label,
                       const CsvIdentities& identities)
    : mapping_(mapping),
      identities_(identities),
      null_text_(settings.null_text),
      label_(std::move(label)),
      reader_(
          [this, read = std::move(read)](char* buffer, std::size_t size) {
              const auto got = read(buffer, size);
              hash_.add(std::string_view(buffer, got));
              return got;
          },
          settings.delimiter, settings.encoding),
      values_(mapping.places().size()) {
    for (const auto& [field, fact] : fact_fields)
        if (settings.fields.contains(std::string(field))) facts_.emplace_back(field, fact);
    if (!read_row() || columns_.find(row_, mapping_.places()))
        throw std::runtime_error("the header has changed");
    const auto id = std::ranges::find(mapping_.places(), settings.fields.at("externalId").at);
    const auto place = static_cast<std::size_t>(id - mapping_.places().begin());
    id_leads_ = id != mapping_.places().end() && columns_.columns()[place] == 0;
}

bool CsvRecords::read_row() {
    const auto next = reader_.next(row_);
    if (next == CsvRows::Next::fault) throw std::runtime_error(reader_.fault().what);
    return next == CsvRows::Next::row;
}

/// A row states the present: an empty cell means that there is no value, and revokes what an
/// earlier file said. A cell that cannot be read says nothing.
reconcile::FactSet CsvRecords::said_by(const MappedRecord& mapped) const {
    reconcile::FactSet said;
    for (const auto& [field, fact] : facts_) {
        const auto is_it = [its = field](const MappingFault& fault) { return fault.field == its; };
        if (std::ranges::none_of(mapped.faults, is_it)) said.add(fact);
    }
    return said;
}

/// A row with more or fewer cells than the header. Which cell belongs to which column is known of
/// the first alone.
reconcile::SourceRecord CsvRecords::misshapen(const CsvRow& row, std::string place) const {
    auto record =
        RecordMapping::unreadable(shape_of(row.size(), columns_.width()), std::move(place)).record;
    if (id_leads_ && row.size() > 0) record.claimed_id = trimmed_cell(row[0]);
    return within_bounds(std::move(record));
}

reconcile::SourceRecord CsvRecords::record_of(const CsvRow& row) {
    auto place = label_ + ", line " + std::to_string(row.line);
    if (row.size() != columns_.width()) return misshapen(row, std::move(place));
    for (std::size_t i = 0; i < values_.size(); ++i) {
        const auto cell = row[columns_.columns()[i]];
        values_[i].text = cell;
        values_[i].kind = !null_text_.empty() && trimmed_cell(cell) == null_text_
                              ? RawValue::Kind::null
                              : RawValue::Kind::text;
    }
    auto mapped = mapping_.map(values_, std::move(place));
    for (const auto& fault : mapped.faults) {
        const bool known = std::ranges::any_of(
            faults_, [&fault](const auto& other) { return other.first.field == fault.field; });
        if (!known) faults_.emplace_back(fault, mapped.record.place);
    }
    mapped.record.said = said_by(mapped);
    mapped.record.ambiguous = mapped.record.merged_into.empty() &&
                              identities_.is_ambiguous(mapped.record.patient.external_id());
    return within_bounds(std::move(mapped.record));
}

std::vector<reconcile::SourceRecord> CsvRecords::next(std::size_t rows) {
    std::vector<reconcile::SourceRecord> records;
    records.reserve(rows);
    while (records.size() < rows && read_row())
        records.push_back(record_of(row_));
    return records;
}

} // namespace medibridge::connectors
