#pragma once

#include "tree.hpp"

#include <string>
#include <vector>

namespace medibridge::house {

/// An #include line.
struct Include {
    std::string header; ///< as written between the quotes or brackets
    int line = 0;       ///< from 1
    bool quoted = false;
};
std::vector<Include> includes(const SourceFile& file);

/// The file's includes of other rooms that no arrow allows. Empty for files outside the rooms.
std::vector<Finding> wrong_arrows(const SourceFile& file);

/// Third-party headers in a room's header, where everybody who includes it would pay for them.
std::vector<Finding> foreign_headers(const SourceFile& file);

} // namespace medibridge::house
