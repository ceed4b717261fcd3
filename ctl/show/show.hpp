#pragma once

#include "ctl/json.hpp"
#include "ctl/style.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Internal to the room: answers of the API as text for people. Whatever an answer holds, or does
/// not hold, a text comes out, and nothing in it reaches the terminal raw.
namespace medibridge::ctl::show {

std::string status(const Json& answer, const Style& style);

std::string held_list(const Json& answer, const Style& style);
/// The same as lines about patients alone, at most so many.
std::string held_rows(const Json& items, std::size_t most, const Style& style);
std::string held_patient(const Json& answer, const Style& style);
std::string decision(const Json& answer, const Style& style);
/// What a hold reason means, in one sentence; empty: it is not known.
std::string_view meaning_of(std::string_view reason);

std::string patient(const Json& answer, const Style& style);
std::string found(const Json& answer, const Style& style);
std::string erasure(const Json& answer, const Style& style);
std::string pseudonym(const Json& answer);
/// A record under its title.
struct Column {
    std::string title;
    const Json* record; ///< never null
};
/// A column for each record that the HIS's sources show, more than one of them if they contradict
/// each other; where the answer names no source, `HIS`. The answer must outlive it.
std::vector<Column> his_columns(const Json& answer);
/// Records side by side, these fields marked as different.
std::string compared(const std::vector<Column>& columns, const std::vector<std::string>& differs,
                     const Style& style);
/// What the sources and Medicapp show, side by side; `medicapp` without a record: it shows nobody.
/// `differs`: the fields in which they differ by the rules. Where the sources contradict each
/// other, that is marked, too.
std::string both_sides(const Json& answer, const Column& medicapp, std::vector<std::string> differs,
                       const Style& style);
/// Who left the patient as they are, when and why; empty: nobody did.
std::string ignored_text(const Json& hold, const Style& style);
/// The decision that waits to be carried out, and whose it is; empty: there is none.
std::string decided_text(const std::string& decision, const std::string& who);
/// What is known of a hold, as lines: what is at fault, who else it is about, since when, who left
/// it as it is.
std::string hold_facts(const Json& answer, const Style& style);
/// Fields that are not sent, and why, as lines; empty: none.
std::string dropped(const Json& answer, const Style& style);
/// One record, a field a line.
std::string record(const Json& fields, std::size_t indent, const Style& style);

std::string guards(const Json& answer, const Style& style);
std::string cycle(const Json& answer, bool dry_run, const Style& style);
std::string plan(const Json& plan, const Style& style);
std::string plan_applied(const Json& answer, const Style& style);

std::string audit(const Json& answer, const Style& style);
std::string verification(const Json& answer, const Style& style);
std::string probe(const Json& answer, const Style& style);
std::string doctor(const Json& answer, const Style& style);
/// One line of the journal.
std::string event(std::string_view line, const Style& style);

} // namespace medibridge::ctl::show
