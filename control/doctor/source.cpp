#include "control/doctor/source.hpp"

#include "config/site.hpp"
#include "control/left_files.hpp"
#include "reconcile/assess.hpp"

#include <algorithm>
#include <vector>

namespace medibridge::control::doctor {

namespace {

/// Kinds of faults that one line names.
constexpr std::size_t most_named = 5;

/// The most frequent first: `birthDate is not a date (12), …`.
std::string listed(const std::map<std::string, std::int64_t>& counts) {
    std::vector<std::pair<std::string, std::int64_t>> sorted(counts.begin(), counts.end());
    std::ranges::stable_sort(sorted,
                             [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    for (std::size_t i = 0; i < std::min(sorted.size(), most_named); ++i)
        text +=
            (i == 0 ? "" : ", ") + sorted[i].first + " (" + std::to_string(sorted[i].second) + ")";
    return sorted.size() > most_named ? text + ", …" : text;
}

Check judge_answer(const std::string& side, const SourceLook& look, const RecordFacts& facts) {
    const auto name = side + ": answer";
    const auto count = std::to_string(facts.records) + " records, " +
                       std::to_string(facts.with_external_id) + " with an externalId";
    if (look.is_pushed)
        return ok(name,
                  "what senders pushed so far: " + (look.complete ? count : "at least " + count));
    if (facts.records == 0)
        return warn(name, "it shows no patient at all",
                    "if there should be some, check its address, query and rights");
    if (facts.with_external_id == 0)
        return fail(name, "the first page has " + count,
                    "map externalId to the place of the patient's identifier");
    return ok(name, "the first page has " + count);
}

} // namespace

void RecordFacts::take(const std::vector<reconcile::SourceRecord>& page) {
    for (const auto& record : page) {
        const auto assessed = reconcile::assess(record, policy_);
        ++records;
        if (!assessed.patient.external_id().empty()) ++with_external_id;
        for (const auto& defect : assessed.dropped)
            ++left_out[defect.field + " " + defect.reason];
        for (const auto& fact : record.unread)
            ++unread[fact.name + " " + fact.reason];
        if (!assessed.hold || assessed.hold->reason != reconcile::HoldReason::invalid) continue;
        ++invalid;
        ++faults[assessed.hold->defect.field + " " + assessed.hold->defect.reason];
    }
}

Checks judge_source(const std::string& source, const SourceLook& look, const RecordFacts& facts) {
    const auto side = "source " + source;
    if (look.unauthorized)
        return {fail(side + ": credentials", look.trouble,
                     "put valid credentials where the source's auth refers to, then reload")};
    if (!look.trouble.empty())
        return {fail(side + ": answer", look.trouble,
                     "do what the message says; cycles try again by themselves")};
    Checks checks{judge_answer(side, look, facts)};
    if (!look.contradiction.empty())
        checks.push_back(warn(side + ": pages", "its numbers disagree: " + look.contradiction,
                              "tell who runs the source: a reading with such numbers proves "
                              "nothing"));
    if (facts.invalid > 0) {
        const auto message = std::to_string(facts.invalid) + " of " +
                             std::to_string(facts.records) +
                             " records cannot be used: " + listed(facts.faults);
        constexpr const char* fix = "correct the source's `fields` (place, format), or the records "
                                    "in the HIS: each is held until then";
        const bool all = facts.invalid == facts.records;
        checks.push_back(all ? fail(side + ": fields", message, fix)
                             : warn(side + ": fields", message, fix));
    }
    if (!facts.left_out.empty())
        checks.push_back(warn(side + ": optional fields",
                              "left out of records: " + listed(facts.left_out),
                              "correct the source's `fields`, or the records in the HIS"));
    if (!facts.unread.empty())
        checks.push_back(
            warn(side + ": facts",
                 "cannot be read, of " + std::to_string(facts.records) +
                     " records: " + listed(facts.unread),
                 "correct the source's `fields` (place, format, map), or the records "
                 "in the HIS: a record is without a time then, and what cannot be "
                 "read of `deceased` keeps its patient out as yes, of `active` as no"));
    return checks;
}

std::filesystem::path folder_of(const config::SourceSettings& source) {
    // What cannot be read is put aside within it.
    return source.its ? source.its->rejected_folder().parent_path() : std::filesystem::path();
}

Checks judge_folder(const config::SourceSettings& source, const std::filesystem::path& config_file,
                    bool is_tried) {
    const auto folder = folder_of(source);
    if (folder.empty() || is_tried) return {};
    const auto why = config::why_unit_cannot_write(folder, config_file);
    if (why.empty()) return {};
    return {warn("source " + source.name + ": folder",
                 folder.string() + " is not one that " + config::service_unit(config_file) +
                     ".service may write in",
                 "the folder " + why)};
}

Checks judge_left(const std::string& source, const std::vector<SideStatus>& sides) {
    const auto side = std::ranges::find(sides, source, &SideStatus::name);
    if (side == sides.end() || !side->left) return {};
    const auto name = "source " + source + ": unread files";
    const auto words = told(*side->left);
    if (words.empty()) return {ok(name, "none")};
    return {warn(name, words,
                 "let the service's user read and move the files, or do what else the reasons ask "
                 "for; file.impeded in the log names each, and each cycle tries again")};
}

Checks judge_cycles(const std::string& source, const std::vector<SideStatus>& sides) {
    const auto side = std::ranges::find(sides, source, &SideStatus::name);
    if (side == sides.end() || side->up) return {};
    return {fail("source " + source + ": intake", "nothing is taken from it: " + side->reason,
                 "do what the message says; cycles try again by themselves")};
}

} // namespace medibridge::control::doctor
