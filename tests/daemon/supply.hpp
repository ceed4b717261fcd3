#pragma once

#include "hospital.hpp"

#include <memory>
#include <string>
#include <vector>

namespace medibridge::tests {

/// How a HIS of one type gives its patients: what the sandbox and the configuration are told.
class Supply {
  public:
    virtual ~Supply() = default;
    virtual std::vector<std::string> sandbox() const { return {}; }
    virtual void configure(Hospital&) {}
    /// Shows the HIS's present patients, where the sandbox does not do it itself.
    virtual void publish(Hospital&) {}
};

/// `rest`, `fhir`, `csv`, `hl7v2` or `sql`.
std::unique_ptr<Supply> make_supply(const std::string& type);

/// A port that nobody has right now.
std::string free_port();

} // namespace medibridge::tests
