#include "base/bytes/arguments.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>
#include <string_view>

namespace medibridge::base {

namespace {

std::string says_nothing(std::string_view before) {
    return "what follows `" + std::string(before) +
           "` is empty: give what is meant, or leave it out (in a script: is the variable set?)";
}

} // namespace

std::string empty_argument(std::span<const char* const> argv) {
    bool takes_options = true;
    for (std::size_t i = 1; i < argv.size(); ++i) {
        const std::string_view word = argv[i];
        if (std::ranges::all_of(word, is_ascii_space)) return says_nothing(argv[i - 1]);
        if (word == "--") takes_options = false;
        if (takes_options && word.starts_with("--") && word.find('=') == word.size() - 1)
            return says_nothing(word);
    }
    return {};
}

} // namespace medibridge::base
