#pragma once

#include <functional>
#include <map>
#include <string>

namespace medibridge::sync {

/// Why whoever comes under an externalId is held that such a patient is to get.
inline constexpr const char* goes_on_here =
    "the HIS says that the patient of another externalId goes on under this one";

/// A linked patient who goes on under another externalId, as the HIS says, while Medicapp has them
/// under this former one: the new one was not free when that was said.
struct Former {
    std::string external_id;
    std::string medicapp_id;
    bool renamed = false; ///< the HIS says that it is the same patient (HL7 A47); else a merge
};

/// The patients whose change of externalId is still to be made, by the new one. Nobody is created
/// under it meanwhile: they would exist twice.
class Formers {
  public:
    void note(const std::string& survivor, Former former);
    /// Null: there is none.
    const Former* of(const std::string& survivor) const;
    /// The change is to be tried in the next cycle that reads Medicapp, whatever that shows.
    void try_again(const std::string& survivor);
    void settle(const std::string& survivor) { formers_.erase(survivor); }
    /// Those to be tried now, by the new externalId: `all`, or as try_again() said, or of whom
    /// either externalId is `wanted`.
    std::map<std::string, Former> take_due(bool all,
                                           const std::function<bool(const std::string&)>& wanted);

  private:
    struct Waiting {
        Former former;
        bool due = false;
    };
    std::map<std::string, Waiting> formers_;
};

} // namespace medibridge::sync
