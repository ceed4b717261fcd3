#include "fuzz/targets.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <random>
#include <string>
#include <vector>

// A fault ends this program, as it ends libFuzzer's.

namespace medibridge::fuzz {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_of(const fs::path& folder, std::string_view ending) {
    std::vector<fs::path> paths;
    if (fs::is_directory(folder))
        for (const auto& entry : fs::recursive_directory_iterator(folder))
            if (entry.is_regular_file() && entry.path().string().ends_with(ending) &&
                entry.file_size() < (64u << 10))
                paths.push_back(entry.path());
    std::ranges::sort(paths);
    std::vector<std::string> texts;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return texts;
}

/// One that looks like another, but for a few bytes.
std::string mutated(std::string text, std::mt19937_64& random) {
    const auto below = [&random](std::size_t bound) { return random() % bound; };
    for (auto edits = below(4) + 1; edits > 0 && !text.empty(); --edits) {
        const auto at = below(text.size());
        switch (below(4)) {
        case 0:
            text[at] = static_cast<char>(below(256));
            break;
        case 1:
            text.erase(at, below(16));
            break;
        case 2:
            text.insert(at, text.substr(below(text.size()), below(64)));
            break;
        default:
            text.resize(at);
        }
    }
    return text;
}

class Replay : public testing::TestWithParam<Target> {};

TEST_P(Replay, BreaksNothing) {
    const auto& target = GetParam();
    const fs::path folder(MEDIBRIDGE_FUZZ_FOLDER);
    for (const auto& text : files_of(folder / "findings" / target.name, ""))
        target.run(text);
    auto seeds = files_of(folder / "seeds" / target.name, "");
    EXPECT_FALSE(seeds.empty());
    const char* corpus = std::getenv("MEDIBRIDGE_CORPUS");
    if (corpus != nullptr && !target.seeds.empty())
        for (auto& text : files_of(corpus, target.seeds))
            seeds.push_back(std::move(text));
    std::mt19937_64 random(1);
    constexpr std::size_t tries = 3000;
    for (const auto& seed : seeds) {
        target.run(seed);
        for (std::size_t i = 0; i < tries / seeds.size() + 1; ++i)
            target.run(mutated(seed, random));
    }
}

INSTANTIATE_TEST_SUITE_P(Target, Replay, testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& info) { return std::string(info.param.name); });

} // namespace
} // namespace medibridge::fuzz
