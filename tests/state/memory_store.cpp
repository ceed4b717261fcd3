#include "memory_store.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <stdexcept>

namespace medibridge::state::test {
namespace {

template <class Map>
auto find(const Map& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? std::optional<typename Map::mapped_type>() : found->second;
}

template <class Record>
std::vector<Record> values(const std::map<std::string, Record>& map) {
    std::vector<Record> all;
    for (const auto& [key, record] : map)
        all.push_back(record);
    return all;
}

/// Empty text means that there is nothing.
void put_text(std::map<std::string, std::string>& map, const std::string& key,
              const std::string& value) {
    if (value.empty())
        map.erase(key);
    else
        map[key] = value;
}

} // namespace

void MemoryStore::Tables::apply(const Batch::PutLink& change) {
    const Link& put = *change.link;
    for (const auto& [external_id, link] : links)
        if (link.medicapp_id == put.medicapp_id && external_id != put.external_id)
            throw LinkTaken(put.external_id, put.medicapp_id);
    links[put.external_id] = put;
    unlinked.erase(put.medicapp_id);
}

void MemoryStore::Tables::apply(const Batch::PutUnlinked& change) {
    Unlinked& stored = unlinked[change.unlinked.medicapp_id] = change.unlinked;
    const std::set<Digest> keys(stored.matching_keys.begin(), stored.matching_keys.end());
    stored.matching_keys.assign(keys.begin(), keys.end());
}

void MemoryStore::Tables::apply(const Batch::PutIntent& change) {
    intents[change.intent.external_id] = change.intent;
}

void MemoryStore::Tables::apply(const Batch::PutTombstone& change) {
    tombstones[change.tombstone.external_id] = change.tombstone;
}

void MemoryStore::Tables::apply(const Batch::PutRedirect& change) {
    if (change.to.empty())
        redirects.erase(change.from);
    else
        redirects[change.from] = change;
}

void MemoryStore::Tables::apply(const Batch::MoveTaken& change) {
    if (change.from == change.to) return;
    for (const auto& [source, digest] : taken[change.from])
        taken[change.to][source] = digest;
    taken.erase(change.from);
}

void MemoryStore::Tables::apply(const Batch::PutWatermark& change) {
    watermarks[change.watermark.side] = change.watermark;
}

void MemoryStore::Tables::apply(const Batch::PutMeta& change) {
    put_text(meta, change.key, change.value);
}

void MemoryStore::Tables::apply(const Batch::PutInbox& change) {
    std::int64_t last = 0;
    for (const auto& [key, entry] : inbox)
        last = std::max(last, entry.sequence);
    auto& entry = inbox[{change.entry.source, change.entry.key}] = change.entry;
    entry.sequence = last + 1;
    entry.taken = false;
}

void MemoryStore::Tables::apply(const Batch::PutReceipt& change) {
    receipts.insert({{change.receipt.source, change.receipt.content}, change.receipt});
}

void MemoryStore::Tables::apply(const Batch::TakeInbox& change) {
    for (auto& [key, entry] : inbox)
        if (key.first == change.source && entry.sequence <= change.up_to) entry.taken = true;
}

void MemoryStore::Tables::apply(const Batch::Audit& change) {
    audit.push_back(change.entry);
    audit.back().id = ++last_line;
}

Known MemoryStore::known(const std::string& external_id) const {
    Known known;
    if (const auto link = find(tables_.links, external_id))
        known.link = std::make_shared<const Link>(*link);
    known.held = find(tables_.held, external_id);
    known.tombstone = find(tables_.tombstones, external_id);
    known.intent = find(tables_.intents, external_id);
    const auto redirect = find(tables_.redirects, external_id);
    known.redirect = redirect ? redirect->to : "";
    if (redirect) known.merged_at = redirect->merged_at;
    known.related = std::ranges::any_of(tables_.priors, [&](const auto& pair) {
        return pair.first == external_id || pair.second == external_id;
    });
    known.refusal = find(tables_.refusals, external_id);
    if (const auto decision = find(tables_.decisions, external_id))
        known.decision = std::make_shared<const OperatorDecision>(*decision);
    if (const auto taken = find(tables_.taken, external_id)) known.taken = *taken;
    if (const auto told = find(tables_.told_apart, external_id)) known.told_apart = *told;
    for (const auto& [medicapp_id, one] : tables_.unlinked)
        if (!external_id.empty() && one.external_id == external_id &&
            (!known.unlinked || one.modified_at > known.unlinked->modified_at))
            known.unlinked = one;
    return known;
}

std::vector<Known> MemoryStore::look_up(const std::vector<std::string>& external_ids) {
    std::vector<Known> all;
    for (const std::string& external_id : external_ids)
        all.push_back(known(external_id));
    return all;
}

std::vector<std::optional<Link>>
MemoryStore::links_to(const std::vector<std::string>& medicapp_ids) {
    std::vector<std::optional<Link>> all(medicapp_ids.size());
    for (std::size_t i = 0; i < all.size(); ++i)
        for (const auto& [external_id, link] : tables_.links)
            if (link.medicapp_id == medicapp_ids[i]) all[i] = link;
    return all;
}

std::vector<Link> MemoryStore::links_modified_last(std::size_t limit) {
    std::vector<Link> all = values(tables_.links);
    const auto time = [](const Link& link) { return link.baselines.medicapp.modified_at; };
    std::erase_if(all, [&](const Link& link) { return !time(link); });
    std::ranges::stable_sort(all, std::greater<>(), time);
    all.resize(std::min(limit, all.size()));
    return all;
}

bool MemoryStore::has_links_from(const std::string& source) {
    return std::ranges::any_of(tables_.links,
                               [&](const auto& entry) { return entry.second.source == source; });
}

std::vector<std::string> MemoryStore::related(const std::string& external_id) {
    std::vector<std::string> all{external_id};
    const auto reach = [&](const std::string& id) {
        if (std::ranges::find(all, id) == all.end()) all.push_back(id);
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (const auto& [one, prior] : tables_.priors) {
            if (one == all[i]) reach(prior);
            if (prior == all[i]) reach(one);
        }
    }
    all.erase(all.begin());
    return all;
}

std::vector<Unlinked> MemoryStore::matching(const std::vector<Digest>& keys) {
    std::vector<Unlinked> found;
    for (const auto& [medicapp_id, one] : tables_.unlinked)
        if (one.external_id.empty() &&
            std::ranges::find_first_of(one.matching_keys, keys) != one.matching_keys.end())
            found.push_back(one);
    return found;
}

std::vector<Intent> MemoryStore::intents() {
    return values(tables_.intents);
}

std::vector<Held> MemoryStore::held() {
    std::vector<Held> all = values(tables_.held);
    std::ranges::stable_sort(all, {}, &Held::held_at_ms);
    return all;
}

std::vector<std::optional<Unlinked>>
MemoryStore::unlinked(const std::vector<std::string>& medicapp_ids) {
    std::vector<std::optional<Unlinked>> found;
    for (const auto& id : medicapp_ids) {
        found.push_back(find(tables_.unlinked, id));
    }
    return found;
}

std::vector<Held> MemoryStore::held_about(const std::vector<std::string>& medicapp_ids) {
    std::vector<Held> found;
    for (const auto& id : medicapp_ids) {
        for (const auto& held : values(tables_.held))
            if (!id.empty() && held.medicapp_id == id) found.push_back(held);
    }
    return found;
}

std::vector<Tombstone> MemoryStore::tombstones_of(const std::vector<std::string>& medicapp_ids) {
    std::vector<Tombstone> found;
    for (const auto& tombstone : values(tables_.tombstones))
        if (std::ranges::find(medicapp_ids, tombstone.medicapp_id) != medicapp_ids.end())
            found.push_back(tombstone);
    return found;
}

Watermark MemoryStore::watermark(const std::string& side) {
    Watermark none;
    none.side = side;
    return find(tables_.watermarks, side).value_or(none);
}

std::string MemoryStore::meta(const std::string& key) {
    return find(tables_.meta, key).value_or("");
}

Counts MemoryStore::counts() {
    const auto size = [](const auto& map) { return static_cast<std::int64_t>(map.size()); };
    return {size(tables_.links), size(tables_.unlinked), size(tables_.held), size(tables_.intents),
            size(tables_.tombstones)};
}

Waiting MemoryStore::waiting() {
    Waiting waiting;
    for (const Held& one : values(tables_.held)) {
        ++waiting.reasons[one.reason];
        if (!one.acknowledged) {
            const auto known = waiting.oldest_ms.try_emplace(one.reason, one.held_at_ms).first;
            known->second = std::min(known->second, one.held_at_ms);
        }
        ++(is_to_decide(one) ? waiting.to_decide : waiting.excluded);
        if (!is_to_decide(one)) continue;
        auto& oldest = waiting.oldest_to_decide_ms;
        oldest = waiting.to_decide == 1 ? one.held_at_ms : std::min(oldest, one.held_at_ms);
    }
    return waiting;
}

std::vector<OperatorDecision> MemoryStore::decisions() {
    std::vector<OperatorDecision> all = values(tables_.decisions);
    std::ranges::stable_sort(all, {}, &OperatorDecision::at_ms);
    return all;
}

void MemoryStore::each_link(const std::function<void(const Link&)>& visit) {
    for (const Link& link : values(tables_.links))
        visit(link);
}

void MemoryStore::each_linked_id(const std::function<void(const std::string&)>& visit) {
    for (const Link& link : values(tables_.links))
        visit(link.medicapp_id);
}

std::vector<AuditEntry> MemoryStore::audit(const AuditQuery& query) {
    std::vector<AuditEntry> found = tables_.audit;
    std::erase_if(found, [&](const AuditEntry& line) {
        return line.at_ms < query.since_ms ||
               (!query.external_id.empty() && line.external_id != query.external_id) ||
               (!query.actor.empty() && line.actor.name != query.actor) ||
               line.id <= query.after_id.value_or(0);
    });
    if (!query.after_id) std::ranges::reverse(found);
    found.resize(std::min(query.limit, found.size()));
    return found;
}

AuditVerification MemoryStore::verify_audit() {
    const auto& lines = tables_.audit;
    if (lines.empty()) return {};
    return {true, static_cast<std::int64_t>(lines.size()), lines.front().id, lines.back().id};
}

std::int64_t MemoryStore::prune_audit(std::int64_t before_ms) {
    auto& lines = tables_.audit;
    const auto kept = std::ranges::find_if(
        lines, [&](const AuditEntry& line) { return line.at_ms >= before_ms; });
    const std::int64_t removed = std::min<std::int64_t>(kept - lines.begin(), 1'000);
    lines.erase(lines.begin(), lines.begin() + removed);
    return removed;
}

void MemoryStore::backup_to(const std::filesystem::path&) {
    throw std::logic_error("there is no file to copy");
}

void MemoryStore::commit(const Batch& batch) {
    Tables next = tables_;
    for (const Batch::Change& change : batch.changes())
        std::visit([&](const auto& one) { next.apply(one); }, change);
    tables_ = std::move(next);
}

std::vector<std::optional<InboxEntry>>
MemoryStore::inbox_entries(const std::string& source, const std::vector<std::string>& keys) {
    std::vector<std::optional<InboxEntry>> all;
    for (const auto& key : keys) {
        const auto found = tables_.inbox.find({source, key});
        all.push_back(found == tables_.inbox.end() ? std::optional<InboxEntry>() : found->second);
    }
    return all;
}

std::int64_t MemoryStore::inbox_newest(const std::string& source) {
    std::int64_t newest = 0;
    for (const auto& [key, entry] : tables_.inbox)
        if (key.first == source) newest = std::max(newest, entry.sequence);
    return newest;
}

std::vector<InboxEntry> MemoryStore::inbox_after(const std::string& source, bool only_new,
                                                 std::int64_t after, std::size_t limit) {
    std::vector<InboxEntry> found;
    for (const auto& [key, entry] : tables_.inbox)
        if (key.first == source && entry.sequence > after && !(only_new && entry.taken))
            found.push_back(entry);
    std::ranges::sort(found, {}, &InboxEntry::sequence);
    found.resize(std::min(limit, found.size()));
    return found;
}

std::vector<InboxEntry> MemoryStore::inbox_nameless(const std::string& source, std::size_t limit) {
    std::vector<InboxEntry> all;
    for (const auto& [key, entry] : tables_.inbox)
        if (key.first == source && key.second.starts_with("record:")) all.push_back(entry);
    std::ranges::sort(all, std::greater(), &InboxEntry::sequence);
    if (all.size() > limit) all.resize(limit);
    return all;
}

InboxLoad MemoryStore::inbox_load(const std::string& source) {
    InboxLoad load;
    for (const auto& [key, entry] : tables_.inbox) {
        if (key.first != source || entry.taken) continue;
        ++load.rows;
        load.bytes += static_cast<std::int64_t>(entry.sealed.size());
    }
    return load;
}

std::map<std::string, InboxLoad> MemoryStore::waiting_inboxes() {
    std::map<std::string, InboxLoad> loads;
    for (const auto& [key, entry] : tables_.inbox)
        if (!entry.taken) loads.try_emplace(key.first, inbox_load(key.first));
    return loads;
}

std::optional<InboxReceipt> MemoryStore::inbox_receipt(const std::string& source,
                                                       const Digest& content) {
    const auto found = tables_.receipts.find({source, content});
    if (found == tables_.receipts.end()) return std::nullopt;
    return found->second;
}

} // namespace medibridge::state::test
