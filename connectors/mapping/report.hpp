#pragma once

#include "base/log/event.hpp"
#include "connectors/mapping/record_mapping.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::connectors {

/// The faults of one page: of each field the first, and where it stands.
class PageFaults {
  public:
    PageFaults() = default;

    void add(const MappingFault& fault, const std::string& place);

  private:
    friend class MappingReport;
    std::vector<std::pair<MappingFault, std::string>> faults_;
};

/// Says once in a pass, for each field, that some record has a part that cannot be used.
class MappingReport {
  public:
    MappingReport() = default;

    void write(const PageFaults& faults, const std::string& source, log::EventLog& log);

  private:
    std::set<std::string, std::less<>> reported_;
};

} // namespace medibridge::connectors
