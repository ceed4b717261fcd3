#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::tests {

/// One way in which Medicapp may behave where its documentation says nothing: a value for each of
/// the switches below. All of them together are `Combination::count`.
class Combination {
  public:
    struct Switch {
        std::string_view name; ///< the sandbox's
        std::vector<std::string_view> values;
    };
    static const std::array<Switch, 7>& switches();
    static std::size_t count();

    /// The number-th one; the first two switches vary slowest.
    explicit Combination(std::size_t number);

    std::size_t number() const { return number_; }
    std::string_view value(std::string_view switch_name) const;
    /// What Medicapp answers to `template=FHIR`. Each form meets each value of the switches, but
    /// not each combination.
    std::string_view form() const;
    /// As arguments of the sandbox.
    std::vector<std::string> arguments() const;
    /// `#17 list-order=created …`
    std::string text() const;

  private:
    std::size_t number_;
    std::array<std::string_view, 7> values_;
};

/// The combinations that a test of `first` (of list-order) and `second` (of put-null) is to try:
/// one of `MEDIBRIDGE_MATRIX_EVERY`, another sample every day; or the one of
/// `MEDIBRIDGE_COMBINATION` alone.
std::vector<Combination> combinations_of(std::string_view list_order, std::string_view put_null);

} // namespace medibridge::tests
