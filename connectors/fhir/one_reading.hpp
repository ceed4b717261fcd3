#pragma once

#include "connectors/fhir/links.hpp"
#include "connectors/fhir/server.hpp"
#include "connectors/mapping/record_mapping.hpp"
#include "connectors/source/pass_proof.hpp"
#include "connectors/source/source.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::connectors {

/// One patient, by the server's search by identifier; the whole list where the server does not know
/// that search. All is given on one page.
class FhirOneReading final : public SourceReading {
  public:
    /// Begins to read the whole list, without leaving anything in the server's memory of it.
    using List = std::function<std::unique_ptr<SourceReading>()>;

    FhirOneReading(std::shared_ptr<FhirServer> server, std::string external_id, List list)
        : server_(std::move(server)),
          external_id_(std::move(external_id)),
          begin_list_(std::move(list)) {}

    runtime::Task<SourceResult<SourcePage>> next() override;
    bool proven() const override { return list_ ? list_->proven() : proven_; }
    std::uint64_t fingerprint() const override {
        return list_ ? list_->fingerprint() : shown_.value();
    }
    std::string contradiction() const override {
        return list_ ? list_->contradiction() : std::string();
    }

  private:
    /// Whether the server's answer is one.
    enum class Found : std::uint8_t { answered, unknown };

    runtime::Task<SourceResult<Found>> search();
    SourceResult<Found> doubt(SourceError error);
    bool is_about_patient(const FhirPatient& patient) const;
    void take(FhirServer::Page page);
    runtime::Task<SourceResult<SourcePage>> conclude();
    runtime::Task<std::optional<SourceError>> add_deleted(const FhirLinks& links);
    void add(reconcile::SourceRecord record);

    std::shared_ptr<FhirServer> server_;
    std::string external_id_;
    List begin_list_;
    std::unique_ptr<SourceReading> list_; ///< null: the search counts
    std::vector<FhirPatient> patients_;
    SourcePage page_;
    bool shows_him_ = false; ///< the page has a record of that externalId
    PassFingerprint shown_;
    MappingReport reported_;
    bool proven_ = false;
};

} // namespace medibridge::connectors
