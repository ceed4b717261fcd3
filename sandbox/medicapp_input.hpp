#pragma once

#include "sandbox/medicapp_store.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::sandbox {

/// Why Medicapp refuses a body.
struct Refusal {
    std::string code; ///< `INVALID_PHONE`, `MISSING_LAST_NAME`, `UNKNOWN_FIELD`, `INVALID_JSON`, …
    std::string message;
};

/// The JSON name of a field: `lastName`; of the address: `street`.
std::string_view json_name(MedicappField field);
/// As in an error's code: `LAST_NAME`.
std::string field_code(MedicappField field);

/// What the body of a POST or PUT says.
class MedicappInput {
  public:
    enum class State : unsigned char { absent, null, text };
    struct Value {
        State state = State::absent;
        std::string text;
    };

    /// Reads the body strictly: a JSON object of known fields with the right types and shapes. Says
    /// what is wrong with it otherwise.
    static std::optional<Refusal> read(std::string_view body, MedicappInput& input);

    Value& operator[](MedicappField field) { return values_[field]; }
    const Value& operator[](MedicappField field) const { return values_[field]; }
    /// Whether `address` is there; `null` if it is there as null.
    State address() const { return address_; }
    void set_address(State state) { address_ = state; }

    /// The first value that does not have its field's shape.
    std::optional<Refusal> misshapen() const;

  private:
    std::array<Value, medicapp_fields> values_;
    State address_ = State::absent;
};

/// Whether a text is one that Medicapp takes for the field.
bool well_shaped(MedicappField field, std::string_view text);

} // namespace medibridge::sandbox
