#include "source.hpp"

#include "connectors/mapping/record_mapping.hpp"
#include "connectors/source/pass_proof.hpp"

#include <fstream>
#include <utility>

namespace medibridge::connectors {

using runtime::Task;

/// One page: the file as it was when it was read.
class NdjsonSource::Reading final : public SourceReading {
  public:
    explicit Reading(const NdjsonSource& source) : source_(source) {}

    Task<SourceResult<SourcePage>> next() override {
        auto page = source_.read_file();
        if (page) {
            for (const auto& record : page->records)
                shown_.add(record.patient.external_id());
        }
        co_return page;
    }
    bool proven() const override { return true; }
    std::uint64_t fingerprint() const override { return shown_.value(); }

  private:
    const NdjsonSource& source_;
    PassFingerprint shown_;
};

NdjsonSource::NdjsonSource(SourceEnvironment its, NdjsonSettings settings)
    : its_(std::move(its)),
      settings_(std::move(settings)),
      mapping_(settings_.fields, settings_.timezone),
      line_("", {}, mapping_.places()) {}

std::unique_ptr<SourceReading> NdjsonSource::read(std::optional<reconcile::Instant> /*since*/) {
    return std::make_unique<Reading>(*this);
}

SourceResult<SourcePage> NdjsonSource::read_file() const {
    using Kind = SourceError::Kind;
    if (cancelled_) return std::unexpected(SourceError(Kind::cancelled, "stopped"));
    std::ifstream file(settings_.file);
    if (!file)
        return std::unexpected(SourceError(Kind::unavailable, "the file (file) cannot be read"));
    SourcePage page;
    page.last = true;
    PageFaults faults;
    int number = 0;
    for (std::string text; std::getline(file, text);) {
        auto place = "line " + std::to_string(++number);
        const auto take = [&](std::optional<std::span<const RawValue>> values) {
            auto mapped = values ? mapping_.map(*values, place)
                                 : RecordMapping::unreadable("the line is no JSON object", place);
            page.precision = std::max(page.precision, mapped.precision);
            for (const auto& fault : mapped.faults)
                faults.add(fault, place);
            page.records.push_back(std::move(mapped.record));
        };
        const auto read = read_json_page('[' + text + ']', line_, take);
        if (read.fault)
            return std::unexpected(SourceError(Kind::unreadable, place + ": " + *read.fault));
    }
    MappingReport().write(faults, its_.name, its_.log);
    return page;
}

} // namespace medibridge::connectors
