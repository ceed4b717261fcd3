#include "state/facts.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/bytes/hash.hpp"
#include "state/store.hpp"

#include <array>
#include <cstdint>

namespace medibridge::state {
namespace {

std::string sum_of(std::string_view text) {
    return base::hex_number(base::fnv1a(text), 16);
}

/// Identifiers are bytes: what would end a word or a line, or is not ASCII, is written as %XX.
std::string escaped(const std::string& word) {
    const auto stays = [](char c) { return base::is_ascii_graphic(c) && c != '%'; };
    return base::percent_encode(word, stays, base::PercentDigits::lower);
}

/// The words of a line, separated by one space; missing words are empty.
std::array<std::string_view, 4> words_of(std::string_view line) {
    std::array<std::string_view, 4> words;
    for (std::string_view& word : words) {
        const auto end = line.find(' ');
        word = line.substr(0, end);
        line = end == std::string_view::npos ? std::string_view{} : line.substr(end + 1);
    }
    return words;
}

[[noreturn]] void too_new(std::string_view word) {
    throw StoreError(StoreError::Kind::too_new,
                     "the facts beside the state hold one that this version does not know, '" +
                         std::string(word) + "': run the version that wrote it");
}

Fact fact_of(std::string_view text) {
    const auto [kind, verb, id, says] = words_of(text);
    Fact fact;
    if (kind == "redirect")
        fact.kind = Fact::Kind::redirect;
    else if (kind == "prior")
        fact.kind = Fact::Kind::prior;
    else if (kind != "tombstone")
        too_new(kind);
    if (verb == "put")
        fact.says = base::percent_decode(says);
    else if (verb != "dropped")
        too_new(verb);
    fact.id = base::percent_decode(id);
    return fact;
}

/// The line without its sum; nothing if the sum is not right.
std::optional<std::string_view> checked(std::string_view line) {
    const auto end = line.rfind(' ');
    if (end == std::string_view::npos || line.substr(end + 1) != sum_of(line.substr(0, end)))
        return {};
    return line.substr(0, end);
}

std::string_view word_of(Fact::Kind kind) {
    switch (kind) {
    case Fact::Kind::redirect:
        return "redirect";
    case Fact::Kind::prior:
        return "prior";
    case Fact::Kind::tombstone:
        break;
    }
    return "tombstone";
}

struct FactIn {
    std::optional<Fact> operator()(const Batch::PutTombstone& change) const {
        return Fact{Fact::Kind::tombstone, change.tombstone.external_id,
                    change.tombstone.medicapp_id};
    }
    std::optional<Fact> operator()(const Batch::DropTombstone& change) const {
        return Fact{Fact::Kind::tombstone, change.external_id, {}};
    }
    std::optional<Fact> operator()(const Batch::PutRedirect& change) const {
        if (change.to.empty()) return Fact{Fact::Kind::redirect, change.from, {}};
        return Fact{Fact::Kind::redirect, change.from, change.to};
    }
    std::optional<Fact> operator()(const Batch::PutPrior& change) const {
        return Fact{Fact::Kind::prior, change.external_id, change.prior};
    }
    template <class Other>
    std::optional<Fact> operator()(const Other&) const {
        return {};
    }
};

} // namespace

std::vector<Fact> facts_in(const Batch& batch) {
    std::vector<Fact> facts;
    for (const Batch::Change& change : batch.changes())
        if (auto fact = std::visit(FactIn{}, change)) facts.push_back(std::move(*fact));
    return facts;
}

Batch::Change change_for(const Fact& fact) {
    if (fact.kind == Fact::Kind::prior) return Batch::PutPrior{fact.id, fact.says.value_or("")};
    if (fact.kind == Fact::Kind::redirect)
        return Batch::PutRedirect{fact.id, fact.says.value_or("")};
    if (fact.says) return Batch::PutTombstone{{fact.id, *fact.says}};
    return Batch::DropTombstone{fact.id};
}

Facts::Subject Facts::subject_of(const Fact& fact) {
    return {fact.kind, fact.id, fact.kind == Fact::Kind::prior ? fact.says.value_or("") : ""};
}

bool Facts::is_news(const Fact& fact) const {
    const auto found = last_.find(subject_of(fact));
    // A fact that was never written need not be taken back.
    return found == last_.end() ? fact.says.has_value() : found->second != fact.says;
}

std::vector<Fact> Facts::all() const {
    std::vector<Fact> all;
    for (const auto& [about, says] : last_)
        all.push_back({std::get<0>(about), std::get<1>(about), says});
    return all;
}

std::string line_of(const Fact& fact) {
    std::string line(word_of(fact.kind));
    line += (fact.says ? " put " : " dropped ") + escaped(fact.id) + " " +
            escaped(fact.says.value_or(""));
    return line + " " + sum_of(line) + "\n";
}

FactsText read_facts(std::string_view text) {
    FactsText read;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (line.empty()) continue; // separates a torn line from the next
        if (const auto about = checked(line))
            read.facts.note(fact_of(*about));
        else
            read.complete = false;
    }
    return read;
}

} // namespace medibridge::state
