#include "record_text.hpp"

#include "samples.hpp"

#include <algorithm>
#include <span>

namespace medibridge::state::test {
namespace {

std::string hex(std::span<const std::uint8_t> digest) {
    if (std::ranges::count(digest, 0) == std::ranges::ssize(digest)) return "-";
    constexpr const char* digits = "0123456789abcdef";
    std::string out;
    for (const std::uint8_t byte : digest) {
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

std::string hex(const FieldDigests& digests) {
    std::string out;
    for (const FieldDigest& digest : digests)
        out += hex(digest) + ".";
    return out;
}

std::string time(const std::optional<Instant>& instant) {
    return instant ? std::to_string(instant->time_since_epoch().count()) : "never";
}

std::string drift_text(const reconcile::IdentityDrift& drift) {
    std::string out = "|";
    for (const auto state : drift.traits)
        out += std::to_string(static_cast<int>(state));
    return out + hex(drift.confirmed) + time(drift.since.machine) + "," + time(drift.since.server);
}

} // namespace

std::string text(const Link& link) {
    return "link " + link.external_id + "|" + link.medicapp_id + "|" + link.source + "|" +
           hex(link.baselines.his.fields) + "|" + time(link.baselines.his.modified_at) + "|" +
           hex(link.baselines.medicapp.fields) + "|" + time(link.baselines.medicapp.modified_at) +
           "|" + link.contact_source + drift_text(link.drift) + "|" + time(link.unbelieved_at);
}

std::string text(const Unlinked& unlinked) {
    std::vector<Digest> keys = unlinked.matching_keys;
    std::ranges::sort(keys);
    std::string out = "unlinked " + unlinked.medicapp_id + "|" + unlinked.external_id + "|" +
                      time(unlinked.modified_at);
    for (const Digest& key : keys)
        out += "|" + hex(key);
    return out;
}

std::string text(const Intent& intent) {
    return "intent " + intent.external_id + "|" +
           (intent.kind == Intent::Kind::create ? "create" : "update") + "|" + intent.medicapp_id +
           "|" + hex(intent.sent);
}

std::string text(const Held& held) {
    return "held " + held.key + "|" + held.source + "|" + std::string(name(held.reason)) + "|" +
           held.field + "|" + held.detail + "|" + held.medicapp_id + "|" + held.request_id + "|" +
           hex(held.record) + "|" + std::to_string(held.attempts) + "|" +
           std::to_string(held.held_at_ms) + "|" + (held.acknowledged ? "acknowledged" : "-") +
           "|" + std::to_string(held.looked_at_ms == 0 ? held.held_at_ms : held.looked_at_ms);
}

std::string text(const Tombstone& tombstone) {
    return "tombstone " + tombstone.external_id + "|" + tombstone.medicapp_id;
}

std::string text(const OperatorDecision& decision) {
    return "decision " + decision.external_id + "|" + std::string(name(decision.kind)) + "|" +
           decision.medicapp_id + "|" + hex(decision.record) + "|" + hex(decision.medicapp) + "|" +
           decision.reason + "|" + decision.actor.name + "|" + std::to_string(decision.actor.uid) +
           "|" + std::to_string(decision.at_ms);
}

std::string text(const Known& known) {
    std::string taken;
    for (const auto& [source, digest] : known.taken)
        taken += " taken " + source + "|" + hex(digest);
    for (const auto& digest : known.told_apart)
        taken += " told apart " + hex(digest);
    return text(known.link) + " " + text(known.held) + " " + text(known.tombstone) + " " +
           text(known.intent) + " " + text(known.unlinked) + " redirect " + known.redirect +
           (known.merged_at ? "@" + std::to_string(known.merged_at->time_since_epoch().count())
                            : "") +
           (known.refusal ? " refusal " + std::to_string(known.refusal->cycles) +
                                (known.refusal->others ? "+" : "")
                          : "") +
           (known.decision ? " " + text(*known.decision) : "") + (known.related ? " related" : "") +
           taken;
}

std::string text(const Watermark& watermark) {
    return "watermark " + watermark.side + "|" + time(watermark.stamp) + "|" + watermark.anchor +
           "|" + time(watermark.pending) + "|" + time(watermark.reached_at) + "|" +
           time(watermark.clock) + "|" + (watermark.settled ? "settled" : "open") + "|" +
           (watermark.precision == reconcile::Precision::seconds ? "s" : "ms");
}

std::string text(const AuditEntry& entry) {
    return "audit " + entry.external_id + "|" + entry.medicapp_id + "|" + entry.action + "|" +
           entry.detail + "|" + entry.request_id + "|" + std::to_string(entry.at_ms) + "|" +
           entry.actor.name + "|" + std::to_string(entry.actor.uid);
}

std::string text(const Counts& counts) {
    return std::to_string(counts.links) + " links, " + std::to_string(counts.unlinked) +
           " unlinked, " + std::to_string(counts.held) + " held, " +
           std::to_string(counts.intents) + " intents, " + std::to_string(counts.tombstones) +
           " tombstones";
}

std::string text(const Waiting& waiting) {
    std::string out = std::to_string(waiting.to_decide) + " to decide since " +
                      std::to_string(waiting.oldest_to_decide_ms) + ", " +
                      std::to_string(waiting.excluded) + " excluded";
    for (const auto& [reason, count] : waiting.reasons)
        out += ", " + std::to_string(count) + " " + std::string(name(reason));
    return out + "\n";
}

namespace {

std::string entry_text(const InboxEntry& entry) {
    return "inbox " + std::to_string(entry.sequence) + "|" + entry.source + "|" + entry.key + "|" +
           entry.sealed + (entry.taken ? "|taken" : "|new");
}

std::string inbox_text(Store& store, const std::string& source,
                       const std::vector<std::string>& keys) {
    std::string out = "newest " + std::to_string(store.inbox_newest(source)) + "\n";
    for (const bool only_new : {true, false})
        for (const auto& entry : store.inbox_after(source, only_new, 2, 4))
            out += entry_text(entry) + "\n";
    for (const auto& entry : store.inbox_entries(source, keys))
        out += entry ? entry_text(*entry) + "\n" : "no entry\n";
    for (const std::uint8_t seed : {0, 1, 2}) {
        const auto receipt = store.inbox_receipt(source, digest(seed));
        out += receipt ? "receipt " + receipt->sealed_answer + "\n" : "no receipt\n";
    }
    return out;
}

} // namespace

std::string text(Store& store, const std::vector<std::string>& names) {
    const std::vector<std::string> sides = {"medicapp", "his:dpi"};
    std::string out = text(store.look_up(names)) + text(store.links_to(names));
    std::vector<std::string> sorted;
    for (const Unlinked& one : store.matching({digest(0), digest(1), digest(2)}))
        sorted.push_back(text(one));
    store.each_link([&](const Link& one) { sorted.push_back(text(one)); });
    for (const auto& name : names) {
        auto related = store.related(name);
        std::ranges::sort(related);
        for (const auto& other : related)
            sorted.push_back("related " + name + " " + other);
    }
    std::ranges::sort(sorted);
    for (const std::string& line : sorted)
        out += line + "\n";
    for (const Link& one : store.links_modified_last(3))
        out += text(one) + "\n";
    for (const std::string& name : names)
        out += store.has_links_from(name) ? name + " is a source\n" : "";
    out += text(store.intents()) + text(store.held()) + text(store.audit({.limit = 7}));
    out += text(store.audit({.external_id = names.front(), .after_id = 2, .limit = 3}));
    out += text(store.decisions()) + text(store.waiting());
    for (const std::string& side : sides)
        out += text(store.watermark(side)) + "\n";
    for (const std::string& key : names)
        out += key + "=" + store.meta(key) + "\n";
    for (const std::string& source : names)
        out += inbox_text(store, source, names);
    return out + text(store.counts());
}

} // namespace medibridge::state::test
