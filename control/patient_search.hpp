#pragma once

#include "reconcile/patient.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace medibridge::control {

/// Whom an operator looks for by a text: a whole phone number or externalId, or words each of which
/// is the beginning of a name, a birth date (`1980-03-02`, `02/03/1980`), part of an e-mail address
/// or an externalId. Case and accents do not matter.
class PatientSearch {
  public:
    /// `region` (ISO 3166-1): where a phone number without country code is dialled from.
    PatientSearch(std::string_view text, std::string_view region);

    /// Whether the text says too little to look for.
    bool empty() const { return words_.empty(); }
    bool finds(const reconcile::Patient& patient) const;

  private:
    struct Word {
        std::string text;                    ///< in lower case
        std::string birth_date;              ///< `YYYY-MM-DD`; empty: it is none
        std::vector<std::string> name_words; ///< as reconcile::name_words()
    };

    std::string whole_; ///< in lower case
    std::string phone_; ///< E.164; empty: it is none
    std::vector<Word> words_;
};

} // namespace medibridge::control
