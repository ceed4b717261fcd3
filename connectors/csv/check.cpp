#include "connectors/csv/check.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors {

namespace {

/// If this many rows cannot be used and none can, it is no accident.
constexpr std::size_t implausible_rows = 20;

std::optional<std::size_t> place_of(const config::FieldPlaces& fields, const RecordMapping& mapping,
                                    const std::string& field) {
    const auto found = fields.find(field);
    if (found == fields.end()) return std::nullopt;
    const auto& places = mapping.places();
    const auto at = std::ranges::find(places, found->second.at);
    return static_cast<std::size_t>(at - places.begin());
}

CsvRows::Read hashed(CsvRows::Read read, ContentHash& hash) {
    return [read = std::move(read), &hash](char* buffer, std::size_t size) {
        const auto got = read(buffer, size);
        hash.add(std::string_view(buffer, got));
        return got;
    };
}

} // namespace

CsvCheck::CsvCheck(CsvRows::Read read, const CsvSettings& settings, const RecordMapping& mapping)
    : mapping_(mapping),
      null_text_(settings.null_text),
      reader_(hashed(std::move(read), hash_), settings.delimiter, settings.encoding),
      id_place_(place_of(settings.fields, mapping, "externalId")) {
    for (const auto* field : {"lastName", "usualLastName", "firstName", "birthDate", "gender"})
        if (const auto place = place_of(settings.fields, mapping, field))
            identity_places_.push_back(*place);
}

bool CsvCheck::end(std::optional<CsvFault> fault) {
    fault_ = std::move(fault);
    if (!fault_) content_ = hash_.finish();
    return false;
}

void CsvCheck::look_at(const CsvRow& row) {
    ++rows_;
    if (row.size() != columns_.width()) return;
    ++fitting_;
    const auto has = [&](std::size_t place) {
        const auto cell = trimmed_cell(row[columns_.columns()[place]]);
        return !cell.empty() && cell != null_text_;
    };
    if (id_place_ && has(*id_place_)) {
        ++identified_;
        identity_.clear();
        for (const auto place : identity_places_) {
            identity_ += trimmed_cell(row[columns_.columns()[place]]);
            identity_ += '\0';
        }
        identities_.note(row[columns_.columns()[*id_place_]], identity_);
    }
}

bool CsvCheck::conclude() {
    if (!has_header_)
        return end(CsvFault{0, "the file is empty: it must have a line with the names of its "
                               "columns, even if no patient follows"});
    if (!reader_.ended_by_line() && row_.size() < columns_.width())
        return end(CsvFault{row_.line, "the file ends within this row: it was cut off; have it "
                                       "sent completely"});
    if (rows_ >= implausible_rows && fitting_ == 0)
        return end(CsvFault{0, "no row has as many columns as the header: is `delimiter` that of "
                               "the file, and are cells that hold it quoted?"});
    if (rows_ >= implausible_rows && identified_ == 0)
        return end(CsvFault{0, "no row has an externalId: does `fields.externalId` name the right "
                               "column?"});
    return end(std::nullopt);
}

bool CsvCheck::advance(std::size_t rows) {
    for (; rows > 0; --rows) {
        switch (reader_.next(row_)) {
        case CsvRows::Next::fault:
            return end(reader_.fault());
        case CsvRows::Next::end:
            return conclude();
        case CsvRows::Next::row:
            break;
        }
        if (std::exchange(has_header_, true)) {
            look_at(row_);
        } else if (auto fault = columns_.find(row_, mapping_.places())) {
            // In another encoding a header with accents has other names.
            const auto cause = reader_.encoding_fault();
            return end(cause ? cause : std::move(fault));
        }
    }
    return true;
}

} // namespace medibridge::connectors
