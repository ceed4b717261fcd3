#pragma once

#include "tree.hpp"

#include <set>
#include <string>
#include <vector>

namespace medibridge::house {

/// What a careless merge or edit leaves in a page of the documentation: headings, tables and
/// paragraphs without a blank line between them, a row with cells more or less than its header, a
/// paragraph that ends in a colon with nothing after it. What stands in fenced code does not count.
std::vector<Finding> layout_faults(const SourceFile& page);

/// Headings that stand in the page twice, so that links reach the first only.
std::vector<Finding> repeated_headings(const SourceFile& page);

/// Links to files that `tree` does not have, and to headings that their page does not.
std::vector<Finding> dead_links(const SourceFile& page, const std::vector<SourceFile>& tree);

/// Our sources that the page names as code, `sync/cycle.cpp`, and `tree` does not have.
std::vector<Finding> missing_sources(const SourceFile& page, const std::vector<SourceFile>& tree);

/// The tests that the sources in tests/ of `tree` have, as `Suite.Name`.
std::set<std::string> test_names(const std::vector<SourceFile>& tree);
/// Tests that the page names as code, `Suite.Name`, and that are none of these.
std::vector<Finding> missing_tests(const SourceFile& page, const std::set<std::string>& names);

} // namespace medibridge::house
