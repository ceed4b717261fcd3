#include "using_rule.hpp"

#include "tokens.hpp"

#include <map>

namespace medibridge::house {

std::vector<Finding> unused_usings(const SourceFile& file) {
    const auto all = tokens(file.text);
    std::map<std::string_view, int> times;
    std::vector<Token> declared;
    for (std::size_t at = 0; at < all.size(); ++at) {
        ++times[all[at].text];
        if (!all[at].is("using")) continue;
        std::size_t end = at + 1;
        while (end < all.size() && (all[end].is("::") || all[end].is_word()))
            ++end;
        // Two words in a row: `using namespace …`; no `::` before the last: `using Name = …`.
        if (end == all.size() || !all[end].is(";") || !all[end - 2].is("::")) continue;
        if (!all[at + 1].is("namespace")) declared.push_back(all[end - 1]);
    }
    std::vector<Finding> findings;
    for (const Token& name : declared)
        if (times[name.text] == 1)
            findings.push_back({file.path, name.line,
                                "nothing here uses " + std::string(name.text) + ": leave it out"});
    return findings;
}

} // namespace medibridge::house
