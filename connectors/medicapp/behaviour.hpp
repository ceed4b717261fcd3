#pragma once

#include "connectors/medicapp/values.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// How a Medicapp behaves where its documentation says nothing. Pure.
namespace medibridge::connectors {

/// What was seen of each aspect, in fixed words, numbers and codes: `list_order` → `created`. An
/// aspect of which nothing was seen is not there.
using Behaviour = std::map<std::string, std::string, std::less<>>;

/// By what a page's patients are in order: `created`, `modified`, `id`; several of these with
/// ` or ` between them; `descending` behind one that goes down; `another` if by none of them.
/// Empty: too few to tell.
std::string list_order(const std::vector<MedicappPatient>& patients);

/// Whether `modified_after` shows whoever was modified at that moment: `inclusive`, `exclusive`;
/// empty: it cannot be told. `page` is the first one that was asked for with `moment`, at which
/// `patient` was modified.
std::string filter_bound(const MedicappPage& page, reconcile::Instant moment,
                         const std::string& patient);

/// That Medicapp says no: `refused: 400 INVALID_PAGE`.
std::string refusal_words(const ApiError& error);

/// What differs in aspects that both have, where not one of several orders is the same:
/// `list_order: created, now modified; …`. Empty: nothing.
std::string differences(const Behaviour& before, const Behaviour& now);

} // namespace medibridge::connectors
