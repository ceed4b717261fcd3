#pragma once

#include "reconcile/patient.hpp"

#include <set>
#include <string>

namespace medibridge::reconcile {

/// Whose value stands when a field differs.
enum class Authority : std::uint8_t { his, medicapp, newest };
enum class OnErased : std::uint8_t { hold, recreate };
enum class OnUnlinkedMatch : std::uint8_t { hold, link, create };
enum class OnCleared : std::uint8_t { keep, clear };
enum class LastName : std::uint8_t { birth, usual };

/// The operator's choices among the outcomes of the decision tables.
struct Policy {
    std::array<Authority, field_count> authority = default_authority();
    OnErased on_erased = OnErased::hold;
    OnUnlinkedMatch on_unlinked_match = OnUnlinkedMatch::hold;
    OnCleared on_cleared = OnCleared::keep;

    Authority authority_of(Field field) const { return authority[static_cast<std::size_t>(field)]; }

    /// `his` for all fields but email and phone, which follow the newest.
    static std::array<Authority, field_count> default_authority() {
        std::array<Authority, field_count> all{};
        all[static_cast<std::size_t>(Field::email)] = Authority::newest;
        all[static_cast<std::size_t>(Field::phone)] = Authority::newest;
        return all;
    }
};

/// How a source's record becomes a patient.
struct IdentityPolicy {
    LastName last_name = LastName::birth;
    std::string default_region = "FR"; ///< ISO 3166-1, for phone numbers without country code
    std::set<std::string> hold_status = {"DOUT", "FICT", "DOUB", "CACH", "ANOM", "USUR", "DESA"};
    /// Texts in place of an unknown name (`identity.placeholders`), as placeholder_entry()
    /// makes it: words joined by one space, ` *` at the end for anything that follows.
    std::set<std::string> placeholders = default_placeholders();

    static std::set<std::string> default_placeholders();
};

} // namespace medibridge::reconcile
