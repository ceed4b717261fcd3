#pragma once

#include "sandbox/fhir_api.hpp"
#include "sandbox/his_api.hpp"
#include "sandbox/service.hpp"

#include <string_view>

namespace medibridge::sandbox {

/// The HIS as it is reached: each interface under its own path.
class HisFace final : public Service {
  public:
    HisFace(HisApi& rest, FhirApi& fhir) : rest_(rest), fhir_(fhir) {}

    Reply answer(const Request& request) override { return of(request.path).answer(request); }
    bool is_list(std::string_view path) const override {
        return rest_.is_list(path) || fhir_.is_list(path);
    }
    Reply error(unsigned status, std::string_view code, std::string_view message) override {
        return rest_.error(status, code, message);
    }
    Millis now() const override { return rest_.now(); }

  private:
    Service& of(std::string_view path) {
        if (path.starts_with(FhirApi::root)) return fhir_;
        return rest_;
    }

    HisApi& rest_;
    FhirApi& fhir_;
};

} // namespace medibridge::sandbox
