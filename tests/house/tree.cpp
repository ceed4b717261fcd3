#include "tree.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <stdexcept>

namespace medibridge::house {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Folders that hold nothing of ours. What begins with a dot is a tool's, but for .ci.
bool is_foreign_folder(const fs::path& folder) {
    const std::string name = folder.filename();
    return name == "build" || name == "__pycache__" || (name.starts_with('.') && name != ".ci");
}

} // namespace

std::vector<SourceFile> read_tree() {
    const fs::path root = MEDIBRIDGE_SOURCE_DIR;
    std::vector<SourceFile> files;
    for (auto entry = fs::recursive_directory_iterator(root);
         entry != fs::recursive_directory_iterator(); ++entry) {
        if (entry->is_directory() && is_foreign_folder(entry->path())) {
            entry.disable_recursion_pending();
        } else if (entry->is_regular_file()) {
            files.push_back({entry->path().lexically_relative(root), read_file(entry->path())});
        }
    }
    std::ranges::sort(files, {}, &SourceFile::path);
    return files;
}

std::ostream& operator<<(std::ostream& out, const Finding& finding) {
    out << finding.file;
    if (finding.line > 0) out << ':' << finding.line;
    return out << ": " << finding.advice;
}

} // namespace medibridge::house
