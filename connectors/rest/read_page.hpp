#pragma once

#include "base/http/message.hpp"
#include "connectors/json/page.hpp"
#include "connectors/mapping/record_mapping.hpp"
#include "connectors/rest/kind.hpp"
#include "connectors/rest/paging.hpp"
#include "connectors/rest/source.hpp"
#include "connectors/source/source.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// One page as it came, and what it says of its list. A page of many records keeps its text instead
/// of them.
class ReadPage {
  public:
    ReadPage() = default;

    SourcePage page;
    PageFacts facts;
    PageFaults faults;
    std::size_t identified = 0; ///< records with an identifier

    /// Whether next_portion() has given all of it, or nothing was read.
    bool given() const { return given_ && (!rest_ || rest_->at_end()); }
    /// Whether it has more records than one portion.
    bool in_portions() const { return page.records.size() < facts.records; }
    void drop_records();

  private:
    friend class PageReader;

    std::string prefix_;              ///< begins its records' places
    JsonPage document_;               ///< without records
    std::optional<JsonRecords> rest_; ///< of a page in portions: what was not given yet
    std::size_t mapped_ = 0;          ///< records of them so far
    bool given_ = true;
};

/// Reads the pages of a REST source, however long, in memory for one portion of records.
class PageReader {
  public:
    /// Throws std::invalid_argument as RecordMapping.
    PageReader(const RestSettings& settings, const RestLimits& limits);

    /// Whether an identifier was shown before.
    using Seen = std::function<bool(std::string_view)>;

    /// Reads an answer into `into`; the empty text, or why it cannot be used.
    std::string read(const http::Response& response, std::int64_t number, const Seen& seen,
                     ReadPage& into) const;
    /// After read(): keeps the answer's body, if records of it are to be given yet.
    void keep_rest(std::string body, ReadPage& of) const;
    /// The next records of a page, in their order, without `last`. The first time it may be none.
    SourcePage next_portion(ReadPage& of) const;

  private:
    MappedRecord map(std::optional<std::span<const RawValue>> values, std::string place) const;

    RestLimits limits_;
    std::size_t expected_; ///< records of a page in memory, for which there is room at once
    RecordMapping mapping_;
    JsonOutline outline_;
};

} // namespace medibridge::connectors
