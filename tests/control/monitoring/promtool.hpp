#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace medibridge::tests {

/// What `promtool ARGUMENTS` says, with `input` at its stdin; empty: it is content. It comes with
/// Debian's package `prometheus`, which scripts/setup installs.
inline std::string promtool(const std::string& arguments, const std::string& input = {}) {
    const auto file = std::filesystem::temp_directory_path() /
                      ("promtool-" + std::to_string(::getpid()) + ".txt");
    std::ofstream(file) << input;
    const auto command = "promtool " + arguments + " < " + file.string() + " 2>&1";
    std::string said;
    FILE* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return "cannot run promtool";
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
        said += static_cast<char>(c);
    const int status = ::pclose(pipe);
    std::filesystem::remove(file);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    return said.empty() ? "promtool failed" : said;
}

} // namespace medibridge::tests
