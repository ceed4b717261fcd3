#pragma once

#include <rapidcheck.h>
#include <string>
#include <string_view>
#include <vector>

/// Random texts of the kinds that the reconciliation meets.
namespace medibridge::reconcile {

/// Any bytes at all.
inline rc::Gen<std::string> any_bytes() {
    return rc::gen::container<std::string>(rc::gen::arbitrary<char>());
}

/// Pieces put together, in the hope that their borders hurt.
inline rc::Gen<std::string> pieces(std::vector<std::string> parts) {
    return rc::gen::map(
        rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::move(parts))),
        [](const std::vector<std::string>& chosen) {
            std::string text;
            for (const auto& part : chosen)
                text += part;
            return text;
        });
}

/// Letters, accents (composed and not), ligatures, spaces of all kinds, invisible and control
/// characters, invalid UTF-8.
inline rc::Gen<std::string> odd_text() {
    return pieces({"a",
                   "B",
                   "z",
                   "7",
                   "é",
                   "e\u0301",
                   "\u0301",
                   "œ",
                   "Æ",
                   "ß",
                   "ﬁ",
                   "Ł",
                   "İ",
                   "ı",
                   "ʼ",
                   "\u2019",
                   "'",
                   "-",
                   ".",
                   "_",
                   " ",
                   "  ",
                   "\u00A0",
                   "\u202F",
                   "\u3000",
                   "\t",
                   "\n",
                   "\u2028",
                   "\u0085",
                   "\u200B",
                   "\uFEFF",
                   "\u00AD",
                   "\u200D",
                   "\u0001",
                   "\x7F",
                   "\uFFFD",
                   "\uFFFF",
                   "Ω",
                   "\u2126",
                   "한",
                   "\u1112\u1161\u11ab",
                   "אָ",
                   "राम",
                   "王",
                   "𝓐",
                   "\xC3",
                   "\xFF",
                   "\xED\xA0\x80",
                   "\xF4\x90\x80\x80"});
}

/// ASCII with a lot of white space.
inline rc::Gen<std::string> ascii_text() {
    return rc::gen::container<std::string>(
        rc::gen::oneOf(rc::gen::inRange<char>(0, 127), rc::gen::inRange<char>(' ', '~'),
                       rc::gen::elementOf(std::string("  \t\n'-.aZ"))));
}

} // namespace medibridge::reconcile
