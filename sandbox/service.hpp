#pragma once

#include "sandbox/exchange.hpp"

#include <string>
#include <string_view>

namespace medibridge::sandbox {

/// One simulated API.
class Service {
  public:
    virtual ~Service() = default;

    virtual Reply answer(const Request& request) = 0;
    /// Whether the path is that of the list of patients.
    virtual bool is_list(std::string_view path) const = 0;
    /// The externalId of the patient whom the request concerns; empty: none, or not known.
    virtual std::string patient_of(const Request&) const { return {}; }
    /// An error in the API's own shape.
    virtual Reply error(unsigned status, std::string_view code, std::string_view message) = 0;
    /// The API's own date.
    virtual Millis now() const = 0;
};

} // namespace medibridge::sandbox
