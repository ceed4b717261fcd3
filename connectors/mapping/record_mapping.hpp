#pragma once

#include "base/log/event.hpp"
#include "config/fields.hpp"
#include "connectors/mapping/field_rule.hpp"
#include "connectors/mapping/raw_value.hpp"
#include "reconcile/patient.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::connectors {

/// A fault of a field that cannot carry it itself. Both are fixed words.
struct MappingFault {
    std::string_view field;
    std::string_view reason;
};

/// Has the record say what of it cannot be read; its identifier says so itself.
void note_unread(reconcile::SourceRecord& record, std::span<const MappingFault> faults);

/// A record in canonical form, and what the mapping could not use.
class MappedRecord {
  public:
    MappedRecord() = default;

    reconcile::SourceRecord record;
    reconcile::Precision precision = reconcile::Precision::seconds; ///< of modifiedAt
    std::vector<MappingFault> faults; ///< externalId, modifiedAt, active, deceased and the like
};

/// Turns the raw values of a record into canonical fields. Shared by all sources that are
/// configured with `fields`; made once, used for every record.
class RecordMapping {
  public:
    /// Throws std::invalid_argument, naming the field and how to fix it, for a field that does
    /// not exist, a format that cannot be used, or a time zone that is not known.
    RecordMapping(const config::FieldPlaces& fields, std::string_view zone_name);

    /// Where the values stand (JSON pointers, columns, headers), in the order that map() takes.
    const std::vector<std::string>& places() const { return places_; }

    /// `values` holds one value for each place. An unreadable modification time counts as none. Any
    /// value of `deceased` that is not a clear no counts as yes, so that nobody writes to a family,
    /// and any value of `active` that is not a clear yes as no; what a map does not name is no of
    /// both. If a part of an address is unreadable, all of it is.
    MappedRecord map(std::span<const RawValue> values, std::string place) const;

    /// A placeholder for something that is not a record at all.
    static MappedRecord unreadable(std::string_view reason, std::string place);

  private:
    enum class Target : std::uint8_t {
        patient_field,
        external_id,
        modified_at,
        active,
        deceased,
        identity_status,
        usual_last_name,
        merged_into,
    };
    struct Entry {
        Target target;
        reconcile::Field field;
        FieldRule rule;
    };

    static Target target_of(std::string_view name, reconcile::Field& field);
    static std::string_view name_of(Target target);
    static void check_format(const Entry& entry);
    static void keep_address_whole(reconcile::Patient& patient);
    static void apply(const Entry& entry, const RawValue& raw, MappedRecord& mapped);

    std::vector<std::string> places_;
    std::vector<Entry> entries_;
};

/// The faults of one page: for each field the first one, and its place.
class PageFaults {
  public:
    PageFaults() = default;

    void add(const MappingFault& fault, const std::string& place);

  private:
    friend class MappingReport;
    std::vector<std::pair<MappingFault, std::string>> faults_;
};

/// Logs once a pass, for each field, that some record has a value that cannot be used.
class MappingReport {
  public:
    MappingReport() = default;

    void write(const PageFaults& faults, const std::string& source, log::EventLog& log);

  private:
    std::set<std::string, std::less<>> reported_;
};

} // namespace medibridge::connectors
