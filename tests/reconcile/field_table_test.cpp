#include "reconcile/field_table.hpp"

#include <array>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <string_view>

namespace medibridge::reconcile {
namespace {

// The rules as a table of letters, written apart from the code. A case is the seven letters
//   his        u unknown, s same, c changed
//   medicapp   u unknown, s same, c changed
//   values     = equal, / different
//   emptied    e the HIS says "empty", . it does not
//   on_cleared k keep, x clear
//   authority  h HIS, m Medicapp, n newest
//   newer      + the HIS's record is at least as new, - it is older
// and the first row that fits it, where * fits everything, gives the outcome:
//   . nothing, W the HIS's value is written, X Medicapp's is emptied, K Medicapp's is kept,
//   = agreed; and ! where it is a conflict.
struct Row {
    std::string_view when;
    std::string_view outcome;
};

constexpr Row table[] = {
    // The HIS says nothing, or says "empty" to somebody who does not want to hear it.
    {"uc*.***", "K "},
    {"u**.***", ". "},
    {"*c*ek**", "K "},
    {"***ek**", ". "},
    // Both are as agreed.
    {"ss*****", ". "},
    {"su*****", ". "},
    // What is equal needs no write, whoever changed.
    {"**=****", "= "},
    // Only the HIS changed: it is written, whatever the authority.
    {"cs/.***", "W "},
    {"cu/.***", "W "},
    {"cs/ex**", "X "},
    {"cu/ex**", "X "},
    {"us/ex**", "X "},
    {"uu/ex**", "X "},
    // Only Medicapp changed: drift.
    {"sc/.*h*", "W "},
    {"sc/.*m*", "K "},
    {"sc/.*n+", "W "},
    {"sc/.*n-", "K "},
    {"sc/exh*", "X "},
    {"sc/exm*", "K "},
    {"sc/exn+", "X "},
    {"sc/exn-", "K "},
    // Both changed, differently: conflict.
    {"cc/.*h*", "W!"},
    {"cc/.*m*", "K!"},
    {"cc/.*n+", "W!"},
    {"cc/.*n-", "K!"},
    {"*c/exh*", "X!"},
    {"*c/exm*", "K!"},
    {"*c/exn+", "X!"},
    {"*c/exn-", "K!"},
};

std::string letters(const FieldCase& field) {
    const auto change = [](Change value) { return "usc"[static_cast<int>(value)]; };
    return {change(field.his),
            change(field.medicapp),
            field.equal ? '=' : '/',
            field.his_cleared ? 'e' : '.',
            field.on_cleared == OnCleared::keep ? 'k' : 'x',
            "hmn"[static_cast<int>(field.authority)],
            field.his_newer ? '+' : '-'};
}

std::string letters(const FieldOutcome& outcome) {
    return {".WK=X"[static_cast<int>(outcome.action)], outcome.conflict ? '!' : ' '};
}

bool fits(std::string_view row, std::string_view field) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] != '*' && row[i] != field[i]) return false;
    }
    return row.size() == field.size();
}

std::vector<FieldCase> all_cases() {
    std::vector<FieldCase> cases;
    for (int i = 0; i < 3 * 3 * 3 * 16; ++i) {
        FieldCase field;
        field.his = static_cast<Change>(i % 3);
        field.medicapp = static_cast<Change>(i / 3 % 3);
        field.authority = static_cast<Authority>(i / 9 % 3);
        const int bits = i / 27;
        field.equal = (bits & 1) != 0;
        field.his_cleared = (bits & 2) != 0;
        field.his_newer = (bits & 4) != 0;
        field.on_cleared = (bits & 8) != 0 ? OnCleared::clear : OnCleared::keep;
        cases.push_back(field);
    }
    return cases;
}

TEST(JudgeTest, FollowsTheTableInEveryCase) {
    std::set<std::string> seen;
    for (const auto& field : all_cases()) {
        const auto text = letters(field);
        seen.insert(text);
        const Row* found = nullptr;
        for (const auto& row : table) {
            if (!found && fits(row.when, text)) found = &row;
        }
        ASSERT_NE(found, nullptr) << text << ": the table forgot this case";
        EXPECT_EQ(letters(outcome_of(field)), found->outcome) << text << " by row " << found->when;
    }
    EXPECT_EQ(seen.size(), 432u);
}

TEST(JudgeTest, AnUnknownFieldNeverErasesAnything) {
    for (auto field : all_cases()) {
        if (field.his != Change::unknown || field.his_cleared) continue;
        const auto action = outcome_of(field).action;
        EXPECT_TRUE(action == FieldAction::nothing || action == FieldAction::keep_medicapp);
    }
}

} // namespace
} // namespace medibridge::reconcile
