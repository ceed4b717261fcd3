#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace medibridge::house {

/// A file of the source tree.
struct SourceFile {
    std::string path; ///< from the top of the tree: `http/url.cpp`
    std::string text;

    /// Its first folder, which for code is its room; empty for a file at the top.
    std::string room() const {
        const auto slash = path.find('/');
        return slash == std::string::npos ? std::string() : path.substr(0, slash);
    }
    bool is_header() const { return path.ends_with(".hpp"); }
    bool is_code() const { return is_header() || path.ends_with(".cpp"); }
};

/// All text files of the project, in the order of their paths, without what a build leaves.
std::vector<SourceFile> read_tree();

/// A broken rule: where, and what to do about it.
struct Finding {
    std::string file;
    int line = 0; ///< from 1; 0: the file as a whole
    std::string advice;
    bool operator==(const Finding&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Finding& finding);

} // namespace medibridge::house
