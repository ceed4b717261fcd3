#pragma once

#include <string_view>
#include <vector>

namespace medibridge::house {

/// A piece of C++: a word (names, keywords, numbers), a literal (its text begins with a quote) or a
/// punctuator. Of the longer punctuators only `::` and `->` are kept whole.
struct Token {
    std::string_view text; ///< a view into the source
    int line = 0;          ///< from 1
    bool is_word() const;
    bool is(std::string_view other) const { return text == other; }
};

/// The source without comments, white space and preprocessor lines.
std::vector<Token> tokens(std::string_view source);

} // namespace medibridge::house
