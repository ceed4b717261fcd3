#include "operator.hpp"

#include <gtest/gtest.h>

namespace medibridge::tests {

Operator::Seen Operator::type(std::vector<std::string> words) {
    words.insert(words.begin(), {"--socket", socket()});
    return type_bare(std::move(words));
}

Operator::Seen Operator::type_bare(std::vector<std::string> words) {
    words.insert(words.begin(), "medibridgectl");
    std::vector<const char*> argv;
    for (const std::string& word : words)
        argv.push_back(word.c_str());
    std::istringstream in(answers);
    std::ostringstream out;
    std::ostringstream err;
    const ctl::Surroundings surroundings{
        {&in, &out, &err, at_terminal, at_terminal, at_terminal, colours, width},
        [this](const std::string& name) -> std::optional<std::string> {
            const auto found = environment.find(name);
            if (found == environment.end()) return std::nullopt;
            return found->second;
        },
        [] { return *ctl::read_moment(now_text); },
        [](std::chrono::seconds) {},
        open_state,
        {},
        {}};
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    const auto exit = ctl::run(static_cast<int>(argv.size()), argv.data(), surroundings);
    const std::string help = testing::internal::GetCapturedStdout();
    const std::string mistakes = testing::internal::GetCapturedStderr();
    return {static_cast<int>(exit), out.str() + help, err.str() + mistakes};
}

} // namespace medibridge::tests
