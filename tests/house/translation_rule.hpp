#pragma once

#include "tree.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace medibridge::house {

/// The page that `page` says it translates, in a comment on its first line, relative to itself:
/// `<!-- translation of ../guards.md -->`.
std::optional<std::string> translated_page(const SourceFile& page);

/// Where a translation is no longer the same page as its original. Section by section, both have
/// the same level of heading, rows, code in the text (settings, events, commands) and fenced code.
std::vector<Finding> translation_faults(const SourceFile& translation, const SourceFile& original);

/// Links of a translation to a page that was translated, too. `translated`: the originals' paths.
std::vector<Finding> links_to_originals(const SourceFile& translation,
                                        const std::set<std::string>& translated);

} // namespace medibridge::house
