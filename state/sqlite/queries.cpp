#include "state/sqlite/queries.hpp"

#include "state/sqlite/row_reading.hpp"
#include "state/sqlite/sealed_rows.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <set>

namespace medibridge::state {
namespace {

/// Bits of what `known_` answers of a patient, and `filled_` of the tables, so that a patient of
/// whom only a link is known, the usual one, costs two statements, or one where nothing else is
/// known of anybody.
constexpr std::int64_t has_held = 1;
constexpr std::int64_t has_tombstone = 2;
constexpr std::int64_t has_intent = 4;
constexpr std::int64_t has_unlinked = 8;
constexpr std::int64_t has_redirect = 16;
constexpr std::int64_t has_refusal = 32;
constexpr std::int64_t has_decision = 64;
constexpr std::int64_t has_taken = 128;
constexpr std::int64_t has_told_apart = 256;
constexpr std::int64_t has_related = 512;
/// While patients are being created, each chunk has its intents.
constexpr std::int64_t usual = has_intent;
constexpr std::int64_t everything = 1023;

/// The column after a link's own.
constexpr int link_sound = 9;

/// Whether the row is as it was written; if not, that is noted.
bool sound(const Use& row, const SealedTable& table, Known& known) {
    const auto columns = std::ranges::count(table.columns, ',') + 1;
    if (row.number(static_cast<int>(columns)) != 0) return true;
    if (!known.altered.empty()) known.altered += ", ";
    known.altered += table.name;
    return false;
}

std::int64_t row_limit(std::size_t limit) {
    constexpr std::size_t most = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(limit, most));
}

} // namespace

Queries::Queries(SQLite::Database& db)
    : filled_(db, "SELECT EXISTS (SELECT 1 FROM held)"
                  " + 2 * EXISTS (SELECT 1 FROM tombstone)"
                  " + 4 * EXISTS (SELECT 1 FROM intent)"
                  " + 8 * EXISTS (SELECT 1 FROM unlinked)"
                  " + 16 * EXISTS (SELECT 1 FROM redirect)"
                  " + 32 * EXISTS (SELECT 1 FROM refusal)"
                  " + 64 * EXISTS (SELECT 1 FROM decision)"
                  " + 128 * EXISTS (SELECT 1 FROM taken)"
                  " + 256 * EXISTS (SELECT 1 FROM told_apart)"
                  " + 512 * EXISTS (SELECT 1 FROM prior_identifier)"),
      known_(db, "SELECT EXISTS (SELECT 1 FROM held WHERE key = ?1)"
                 " + 2 * EXISTS (SELECT 1 FROM tombstone WHERE external_id = ?1)"
                 " + 4 * EXISTS (SELECT 1 FROM intent WHERE external_id = ?1)"
                 " + 8 * EXISTS (SELECT 1 FROM unlinked"
                 "               WHERE external_id = ?1 AND external_id <> '')"
                 " + 16 * EXISTS (SELECT 1 FROM redirect WHERE from_id = ?1)"
                 " + 32 * EXISTS (SELECT 1 FROM refusal WHERE external_id = ?1)"
                 " + 64 * EXISTS (SELECT 1 FROM decision WHERE key = ?1)"
                 " + 128 * EXISTS (SELECT 1 FROM taken WHERE external_id = ?1)"
                 " + 256 * EXISTS (SELECT 1 FROM told_apart WHERE external_id = ?1)"
                 " + 512 * (EXISTS (SELECT 1 FROM prior_identifier WHERE external_id = ?1)"
                 "          OR EXISTS (SELECT 1 FROM prior_identifier WHERE prior = ?1))"),
      link_(db, (select_sealed(sealed_link) + "WHERE external_id = ?").c_str()),
      link_to_(db, (select_sealed(sealed_link) + "WHERE medicapp_id = ?").c_str()),
      links_after_(db, (select_sealed(sealed_link) + "WHERE external_id > ? AND " +
                        is_sound(sealed_link) + " ORDER BY external_id LIMIT ?")
                           .c_str()),
      linked_ids_after_(
          db, "SELECT medicapp_id FROM link WHERE medicapp_id > ? ORDER BY medicapp_id LIMIT ?"),
      links_modified_last_(db, (select_sealed(sealed_link) +
                                "WHERE medicapp_modified_at IS NOT NULL"
                                " ORDER BY medicapp_modified_at DESC, external_id LIMIT ?")
                                   .c_str()),
      has_links_from_(db, "SELECT EXISTS (SELECT 1 FROM link WHERE source = ?)"),
      intent_(db, (select_sealed(sealed_intent) + "WHERE external_id = ?").c_str()),
      intents_(db, (select_sealed(sealed_intent) + "WHERE " + is_sound(sealed_intent) +
                    " ORDER BY external_id")
                       .c_str()),
      held_(db, (select_sealed(sealed_held) + "WHERE key = ?").c_str()),
      all_held_(db, (select_sealed(sealed_held) + "WHERE " + is_sound(sealed_held) +
                     " ORDER BY held_at, key")
                        .c_str()),
      ignored_(db, "SELECT source, record FROM ignored WHERE key = ?"),
      divergence_(db, "SELECT look FROM divergence WHERE key = ?"),
      unlinked_with_id_(db, "SELECT medicapp_id, external_id, modified_at FROM unlinked"
                            " WHERE medicapp_id = ?"),
      held_about_(db, (select_sealed(sealed_held) +
                       "WHERE medicapp_id = ? AND medicapp_id <> ''"
                       " AND " +
                       is_sound(sealed_held) + " ORDER BY key")
                          .c_str()),
      tombstone_(db, "SELECT external_id, medicapp_id FROM tombstone WHERE external_id = ?"),
      tombstones_(db, "SELECT external_id, medicapp_id FROM tombstone ORDER BY external_id"),
      refusal_(db, "SELECT external_id, cycles, others FROM refusal WHERE external_id = ?"),
      redirect_(db, "SELECT to_id, merged_at FROM redirect WHERE from_id = ?"),
      related_(db, "WITH RECURSIVE related(id) AS (SELECT ?1"
                   " UNION SELECT external_id FROM prior_identifier JOIN related ON prior = id"
                   " UNION SELECT prior FROM prior_identifier JOIN related ON external_id = id)"
                   " SELECT id FROM related LIMIT ?2"),
      // Two at most for a moment, while an externalId moves in Medicapp: the newest is right.
      unlinked_(db, "SELECT medicapp_id, external_id, modified_at FROM unlinked"
                    " WHERE external_id = ? AND external_id <> ''"
                    " ORDER BY modified_at DESC, medicapp_id LIMIT 1"),
      unlinked_with_key_(db, "SELECT u.medicapp_id, u.external_id, u.modified_at"
                             " FROM unlinked_key AS k JOIN unlinked AS u USING (medicapp_id)"
                             " WHERE k.digest = ? AND u.external_id = ''"),
      unlinked_keys_(db, "SELECT digest FROM unlinked_key WHERE medicapp_id = ? ORDER BY digest"),
      watermark_(db, "SELECT stamp, tie_breaker, reached_at, settled, precision, pending,"
                     " clock"
                     " FROM watermark WHERE side = ?"),
      meta_(db, "SELECT value FROM meta WHERE key = ?"),
      waiting_(db, ("SELECT reason, acknowledged, count(*), min(held_at) FROM held WHERE " +
                    is_sound(sealed_held) + " GROUP BY reason, acknowledged")
                       .c_str()),
      decision_(db, (select_sealed(sealed_decision) + "WHERE key = ?").c_str()),
      decisions_(db, (select_sealed(sealed_decision) + "WHERE " + is_sound(sealed_decision) +
                      " ORDER BY at, key")
                         .c_str()),
      taken_(db, "SELECT source, digest FROM taken WHERE external_id = ?"),
      told_apart_(db, "SELECT digest FROM told_apart WHERE external_id = ?"),
      facts_(db, "SELECT 0, external_id, medicapp_id FROM tombstone"
                 " UNION ALL SELECT 1, from_id, to_id FROM redirect"
                 " UNION ALL SELECT 2, external_id, prior FROM prior_identifier") {
    for (const SealedTable& table : sealed_tables)
        altered_.emplace_back(db, ("SELECT " + std::string(table.key) + " FROM " +
                                   std::string(table.name) + " WHERE NOT " + is_sound(table))
                                      .c_str());
}

std::vector<Known> Queries::known(const std::vector<std::string>& external_ids) {
    std::int64_t filled = everything;
    if (Use use(filled_); external_ids.size() > 1 && use.row()) filled = use.number(0);
    std::vector<Known> all;
    all.reserve(external_ids.size());
    for (const std::string& external_id : external_ids)
        all.push_back(known(external_id, filled));
    return all;
}

Known Queries::known(const std::string& external_id, std::int64_t filled) {
    Known known;
    if (Use use(link_); use.bind_id(external_id).row() && sound(use, sealed_link, known)) {
        auto link = std::make_shared<Link>();
        read_link(use, *link);
        known.link = std::move(link);
    }
    std::int64_t has = filled;
    if (Use use(known_); (filled & ~usual) != 0 && use.bind(external_id).row()) has = use.number(0);
    if (has == 0) return known;
    if (Use use(held_);
        (has & has_held) != 0 && use.bind(external_id).row() && sound(use, sealed_held, known))
        known.held = read_held(use);
    if (Use use(ignored_); known.held && known.held->acknowledged)
        for (use.bind(external_id); use.row();)
            known.held->others[use.text(0)] = read_digest(use.blob(1), "ignored");
    const bool diverges = known.held && known.held->reason == reconcile::HoldReason::divergence;
    if (Use use(divergence_); diverges && use.bind(external_id).row())
        known.held->look = read_digest(use.blob(0), "divergence");
    if (Use use(tombstone_); (has & has_tombstone) != 0 && use.bind(external_id).row())
        known.tombstone = Tombstone{use.text(0), use.text(1)};
    if (Use use(intent_);
        (has & has_intent) != 0 && use.bind(external_id).row() && sound(use, sealed_intent, known))
        known.intent = read_intent(use);
    if (Use use(unlinked_); (has & has_unlinked) != 0 && use.bind(external_id).row())
        known.unlinked = unlinked_row(use);
    if (Use use(redirect_); (has & has_redirect) != 0 && use.bind(external_id).row()) {
        known.redirect = use.text(0);
        known.merged_at = use.instant(1);
    }
    known.related = (has & has_related) != 0;
    if (Use use(refusal_); (has & has_refusal) != 0 && use.bind(external_id).row())
        known.refusal = Refusal{use.text(0), use.number(1), use.number(2) != 0};
    if (Use use(decision_); (has & has_decision) != 0 && use.bind(external_id).row() &&
                            sound(use, sealed_decision, known))
        known.decision = std::make_shared<const OperatorDecision>(read_decision(use));
    if (Use use(taken_); (has & has_taken) != 0)
        for (use.bind(external_id); use.row();)
            known.taken[use.text(0)] = read_digest(use.blob(1), "taken");
    if (Use use(told_apart_); (has & has_told_apart) != 0)
        for (use.bind(external_id); use.row();)
            known.told_apart.insert(read_digest(use.blob(0), "told_apart"));
    return known;
}

std::vector<std::string> Queries::related(const std::string& external_id) {
    std::vector<std::string> others;
    Use use(related_);
    use.bind(external_id).bind(static_cast<std::int64_t>(related_limit) + 1);
    while (use.row())
        if (auto id = use.text(0); id != external_id) others.push_back(std::move(id));
    return others;
}

std::optional<Link> Queries::link_to(const std::string& medicapp_id) {
    std::optional<Link> link;
    Use use(link_to_);
    if (use.bind_id(medicapp_id).row() && use.number(link_sound) != 0)
        read_link(use, link.emplace());
    return link;
}

Unlinked Queries::unlinked_row(Use& use) {
    Unlinked unlinked{use.text(0), use.text(1), use.instant(2), {}};
    Use keys(unlinked_keys_);
    keys.bind(unlinked.medicapp_id);
    while (keys.row())
        unlinked.matching_keys.push_back(read_digest(keys.blob(0), "unlinked_key"));
    return unlinked;
}

std::vector<Unlinked> Queries::matching(const std::vector<Digest>& keys) {
    std::vector<Unlinked> found;
    std::set<std::string> seen;
    for (const Digest& key : keys) {
        Use use(unlinked_with_key_);
        use.bind(key);
        while (use.row())
            if (seen.insert(use.text(0)).second) found.push_back(unlinked_row(use));
    }
    return found;
}

std::vector<Intent> Queries::intents() {
    std::vector<Intent> found;
    Use use(intents_);
    while (use.row())
        found.push_back(read_intent(use));
    return found;
}

std::vector<std::optional<Unlinked>>
Queries::unlinked(const std::vector<std::string>& medicapp_ids) {
    std::vector<std::optional<Unlinked>> found;
    for (const auto& id : medicapp_ids) {
        Use use(unlinked_with_id_);
        auto& one = found.emplace_back();
        if (use.bind(id).row()) one = unlinked_row(use);
    }
    return found;
}

std::vector<Held> Queries::held_about(const std::vector<std::string>& medicapp_ids) {
    std::vector<Held> found;
    for (const auto& id : medicapp_ids) {
        Use use(held_about_);
        use.bind(id);
        while (use.row())
            found.push_back(read_held(use));
    }
    return found;
}

std::vector<Tombstone> Queries::tombstones_of(const std::vector<std::string>& medicapp_ids) {
    std::vector<Tombstone> found;
    Use use(tombstones_);
    while (use.row())
        if (std::ranges::find(medicapp_ids, use.text(1)) != medicapp_ids.end())
            found.push_back({use.text(0), use.text(1)});
    return found;
}

std::vector<Held> Queries::held() {
    std::vector<Held> found;
    Use use(all_held_);
    while (use.row())
        found.push_back(read_held(use));
    return found;
}

Watermark Queries::watermark(const std::string& side) {
    Watermark watermark;
    watermark.side = side;
    Use use(watermark_);
    if (!use.bind(side).row()) return watermark;
    watermark.stamp = use.instant(0);
    watermark.anchor = use.text(1);
    watermark.reached_at = use.instant(2);
    watermark.settled = use.number(3) != 0;
    watermark.precision = read_precision(use.text(4));
    watermark.pending = use.instant(5);
    watermark.clock = use.instant(6);
    return watermark;
}

std::string Queries::meta(const std::string& key) {
    Use use(meta_);
    return use.bind(key).row() ? use.text(0) : std::string();
}

Waiting Queries::waiting() {
    Waiting waiting;
    Use use(waiting_);
    while (use.row()) {
        const auto reason = read_reason(use.text(0));
        const std::int64_t count = use.number(2);
        waiting.reasons[reason] += count;
        if (use.number(1) == 0) {
            const auto known = waiting.oldest_ms.try_emplace(reason, use.number(3)).first;
            known->second = std::min(known->second, use.number(3));
        }
        if (use.number(1) != 0 || reconcile::is_excluded(reason)) {
            waiting.excluded += count;
            continue;
        }
        auto& oldest = waiting.oldest_to_decide_ms;
        oldest = waiting.to_decide == 0 ? use.number(3) : std::min(oldest, use.number(3));
        waiting.to_decide += count;
    }
    return waiting;
}

std::vector<OperatorDecision> Queries::decisions() {
    std::vector<OperatorDecision> found;
    Use use(decisions_);
    while (use.row())
        found.push_back(read_decision(use));
    return found;
}

std::vector<Link> Queries::links_after(const std::string& external_id, std::size_t limit) {
    std::vector<Link> found;
    Use use(links_after_);
    use.bind_id(external_id).bind(row_limit(limit));
    while (use.row())
        read_link(use, found.emplace_back());
    return found;
}

std::vector<std::string> Queries::linked_ids_after(const std::string& medicapp_id,
                                                   std::size_t limit) {
    std::vector<std::string> found;
    Use use(linked_ids_after_);
    use.bind_id(medicapp_id).bind(row_limit(limit));
    while (use.row())
        found.push_back(use.id(0));
    return found;
}

std::vector<Link> Queries::links_modified_last(std::size_t limit) {
    std::vector<Link> found;
    Use use(links_modified_last_);
    use.bind(row_limit(limit));
    while (use.row())
        if (use.number(link_sound) != 0) read_link(use, found.emplace_back());
    return found;
}

bool Queries::has_links_from(const std::string& source) {
    Use use(has_links_from_);
    return use.bind(source).row() && use.number(0) != 0;
}

AlteredRows Queries::find_altered(std::size_t limit) {
    AlteredRows found;
    for (std::size_t i = 0; i < sealed_tables.size(); ++i) {
        Use use(altered_[i]);
        for (; use.row(); ++found.count) {
            if (found.rows.size() < limit)
                found.rows.push_back({std::string(sealed_tables[i].name), use.id(0)});
        }
    }
    return found;
}

std::vector<Fact> Queries::facts() {
    std::vector<Fact> found;
    Use use(facts_);
    while (use.row()) {
        // The statement numbers them as the enumeration does.
        found.push_back({static_cast<Fact::Kind>(use.number(0)), use.text(1), use.text(2)});
    }
    return found;
}

} // namespace medibridge::state
