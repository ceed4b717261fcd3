#pragma once

#include "connectors/json/page.hpp"
#include "connectors/mapping/record_mapping.hpp"
#include "connectors/source/environment.hpp"
#include "connectors/source/source.hpp"
#include "kind.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// A HIS that writes all its patients into one file, a JSON object a line, anew each time.
class NdjsonSource final : public Source {
  public:
    /// Throws as SourceKind::make().
    NdjsonSource(SourceEnvironment its, NdjsonSettings settings);

    const std::string& name() const override { return its_.name; }
    /// The whole file, whatever `since` says. The source outlives the reading.
    std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) override;
    std::int64_t requests() const override { return 0; }
    void cancel() override { cancelled_ = true; }

  private:
    class Reading;

    SourceResult<SourcePage> read_file() const;

    SourceEnvironment its_;
    NdjsonSettings settings_;
    RecordMapping mapping_;
    JsonOutline line_; ///< as a list of one
    bool cancelled_ = false;
};

} // namespace medibridge::connectors
