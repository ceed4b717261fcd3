#include "state/facts_log.hpp"

#include <algorithm>
#include <iterator>

namespace medibridge::state {

FactsLog::FactsLog(std::unique_ptr<AppendOnly> text) : text_(std::move(text)) {
    const std::string bytes = text_->read();
    written_ = read_facts(bytes);
    line_is_open_ = !bytes.empty() && bytes.back() != '\n';
}

void FactsLog::record(const std::vector<Fact>& facts) {
    Facts said; // by this batch, so far
    std::vector<Fact> news;
    for (const Fact& fact : facts) {
        if (!(said.speaks_of(fact) ? said : written_.facts).is_news(fact)) continue;
        said.note(fact);
        news.push_back(fact);
    }
    append(news);
}

void FactsLog::append(const std::vector<Fact>& facts) {
    if (facts.empty()) return;
    std::string lines = line_is_open_ ? "\n" : "";
    for (const Fact& fact : facts)
        lines += line_of(fact);
    line_is_open_ = true; // if this fails half way
    text_->append(lines);
    line_is_open_ = false;
    for (const Fact& fact : facts)
        written_.facts.note(fact);
}

// A fact may be in the log and not in the database because a batch was interrupted after its facts
// were recorded, or because the database is new, or older than the log. Applying the fact (again)
// repairs all of these. It does no harm after an interrupted batch: an erasure was seen in
// Medicapp, a tombstone is only lifted once the patient is there again, and a redirect is what the
// HIS said; each is true whether or not the rest of its batch was kept. A line that cannot be read
// may have put a tombstone again, so nothing is taken back then: an operator notices a patient who
// waits needlessly, but not an erased one who is created again.
std::vector<Fact> FactsLog::missing_in(const std::vector<Fact>& known) const {
    Facts in_database;
    for (const Fact& fact : known)
        in_database.note(fact);
    std::vector<Fact> missing;
    for (const Fact& fact : written_.facts.all())
        if (in_database.is_news(fact) && (fact.says || written_.complete)) missing.push_back(fact);
    return missing;
}

void FactsLog::take_over(const std::vector<Fact>& known) {
    std::vector<Fact> untold;
    std::ranges::copy_if(known, std::back_inserter(untold), [this](const Fact& fact) {
        return written_.complete ? !written_.facts.speaks_of(fact) : written_.facts.is_news(fact);
    });
    append(untold);
}

} // namespace medibridge::state
