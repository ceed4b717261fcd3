#include "state/sqlite/changes.hpp"

#include "state/sqlite/mending.hpp"
#include "state/sqlite/packing.hpp"
#include "state/sqlite/sealed_rows.hpp"
#include "state/store.hpp"

#include <SQLiteCpp/Exception.h>
#include <array>
#include <sqlite3.h>
#include <tuple>

namespace medibridge::state {
namespace {

std::string kind_name(Intent::Kind kind) {
    return kind == Intent::Kind::create ? "create" : "update";
}

/// Nothing where the table has a row of that key.
std::string insert_new_sealed(const SealedTable& table) {
    return insert_sealed(table) + "ON CONFLICT (" + std::string(table.key) + ") DO NOTHING";
}

/// A table whose one unique key is its own: what it holds under that is replaced.
std::string replace_sealed(const SealedTable& table) {
    return "INSERT OR REPLACE" + insert_sealed(table).substr(std::string("INSERT").size());
}

std::string precision_name(reconcile::Precision precision) {
    return precision == reconcile::Precision::seconds ? "seconds" : "milliseconds";
}

} // namespace

Changes::Changes(SQLite::Database& db, Audit& audit, RowCounts& counts)
    // Naming medicapp_id in SET would rewrite its index entry at every update.
    : update_link_(db,
                   ("UPDATE link SET source = ?3, digests = ?4, his_modified_at = ?5,"
                    " medicapp_modified_at = ?6, contact_source = ?7, drift = ?8,"
                    " unbelieved_at = ?9, mac = " +
                    mac_of_parameters(sealed_link) + " WHERE external_id = ?1 AND medicapp_id = ?2")
                       .c_str()),
      new_link_(db, insert_new_sealed(sealed_link).c_str()),
      move_link_(db, ("UPDATE link SET medicapp_id = ?2, source = ?3, digests = ?4,"
                      " his_modified_at = ?5, medicapp_modified_at = ?6, contact_source = ?7,"
                      " drift = ?8, unbelieved_at = ?9, mac = " +
                      mac_of_parameters(sealed_link) + " WHERE external_id = ?1")
                         .c_str()),
      drop_link_(db, "DELETE FROM link WHERE external_id = ?"),
      new_unlinked_(db, "INSERT INTO unlinked VALUES (?, ?, ?)"
                        " ON CONFLICT (medicapp_id) DO NOTHING"),
      update_unlinked_(db, "UPDATE unlinked SET external_id = ?2, modified_at = ?3"
                           " WHERE medicapp_id = ?1"),
      drop_unlinked_(db, "DELETE FROM unlinked WHERE medicapp_id = ?"),
      forget_unlinked_(db, "DELETE FROM unlinked WHERE external_id = ? AND external_id <> ''"),
      put_unlinked_key_(db, "INSERT OR IGNORE INTO unlinked_key VALUES (?, ?)"),
      drop_unlinked_keys_(db, "DELETE FROM unlinked_key WHERE medicapp_id = ?"),
      new_intent_(db, insert_new_sealed(sealed_intent).c_str()),
      replace_intent_(db, replace_sealed(sealed_intent).c_str()),
      drop_intent_(db, "DELETE FROM intent WHERE external_id = ?"),
      new_hold_(db, insert_new_sealed(sealed_held).c_str()),
      replace_hold_(db, replace_sealed(sealed_held).c_str()),
      release_(db, "DELETE FROM held WHERE key = ?"),
      put_ignored_(db, "INSERT INTO ignored VALUES (?, ?, ?)"),
      drop_ignored_(db, "DELETE FROM ignored WHERE key = ?"),
      put_divergence_(db, "INSERT OR REPLACE INTO divergence VALUES (?, ?)"),
      drop_divergence_(db, "DELETE FROM divergence WHERE key = ?"),
      new_tombstone_(db, "INSERT INTO tombstone VALUES (?, ?)"
                         " ON CONFLICT (external_id) DO NOTHING"),
      replace_tombstone_(db, "INSERT OR REPLACE INTO tombstone VALUES (?, ?)"),
      drop_tombstone_(db, "DELETE FROM tombstone WHERE external_id = ?"),
      put_redirect_(db, "INSERT OR REPLACE INTO redirect VALUES (?, ?, ?)"),
      drop_redirect_(db, "DELETE FROM redirect WHERE from_id = ?"),
      put_prior_(db, "INSERT OR IGNORE INTO prior_identifier VALUES (?, ?)"),
      put_refusal_(db, "INSERT OR REPLACE INTO refusal VALUES (?, ?, ?)"),
      drop_refusal_(db, "DELETE FROM refusal WHERE external_id = ?"),
      put_decision_(db, replace_sealed(sealed_decision).c_str()),
      drop_decision_(db, "DELETE FROM decision WHERE key = ?"),
      put_taken_(db, "INSERT OR REPLACE INTO taken VALUES (?, ?, ?)"),
      move_taken_(db, "UPDATE OR REPLACE taken SET external_id = ?2 WHERE external_id = ?1"),
      drop_taken_(db, "DELETE FROM taken WHERE external_id = ?"),
      tell_apart_(db, "INSERT OR IGNORE INTO told_apart VALUES (?, ?)"),
      drop_told_apart_(db, "DELETE FROM told_apart WHERE external_id = ?"),
      put_watermark_(db, "INSERT OR REPLACE INTO watermark VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
      put_meta_(db, "INSERT OR REPLACE INTO meta VALUES (?, ?)"),
      drop_meta_(db, "DELETE FROM meta WHERE key = ?"),
      db_(db),
      audit_(audit),
      counts_(counts),
      inbox_(db) {
    for (const SealedTable& table : sealed_tables)
        set_aside_.emplace_back(db, ("DELETE FROM " + std::string(table.name) + " WHERE " +
                                     std::string(table.key) + " = ? AND NOT " + is_sound(table))
                                        .c_str());
}

void Changes::apply(const Batch::PutLink& change) {
    const Link& link = *change.link;
    const PackedDigests digests(link.baselines.his.fields, link.baselines.medicapp.fields);
    const PackedDrift drift(link.drift);
    const auto write = [&](Prepared& statement) {
        try {
            return Use(statement)
                .bind_id(link.external_id)
                .bind_id(link.medicapp_id)
                .bind(link.source)
                .bind(digests.bytes())
                .bind(link.baselines.his.modified_at)
                .bind(link.baselines.medicapp.modified_at)
                .bind(link.contact_source)
                .bind(drift.bytes())
                .bind(link.unbelieved_at)
                .run();
        } catch (const SQLite::Exception& error) {
            if (error.getExtendedErrorCode() != SQLITE_CONSTRAINT_UNIQUE) throw;
            throw LinkTaken(link.external_id, link.medicapp_id);
        }
    };
    const auto add = [&] {
        const int added = write(new_link_);
        counts_.next().links += added;
        return added > 0;
    };
    // New links come together, and so do changed ones: what the last one was is tried first.
    bool added = adds_links_ && add();
    if (!added && write(update_link_) == 0) {
        added = !adds_links_ && add();
        if (!added) write(move_link_);
    }
    adds_links_ = added;
    auto& unlinked = counts_.next().unlinked;
    if (unlinked > 0) unlinked -= Use(drop_unlinked_).bind(link.medicapp_id).run();
}

void Changes::apply(const Batch::DropLink& change) {
    counts_.next().links -= Use(drop_link_).bind_id(change.external_id).run();
    Use(drop_taken_).bind(change.external_id).run();
}

void Changes::apply(const Batch::PutUnlinked& change) {
    const Unlinked& unlinked = change.unlinked;
    const auto write = [&](Prepared& statement) {
        return Use(statement)
            .bind(unlinked.medicapp_id)
            .bind(unlinked.external_id)
            .bind(unlinked.modified_at)
            .run();
    };
    const int added = write(new_unlinked_);
    counts_.next().unlinked += added;
    if (added == 0) write(update_unlinked_);
    Use(drop_unlinked_keys_).bind(unlinked.medicapp_id).run();
    for (const Digest& key : unlinked.matching_keys)
        Use(put_unlinked_key_).bind(key).bind(unlinked.medicapp_id).run();
}

void Changes::apply(const Batch::DropUnlinked& change) {
    counts_.next().unlinked -= Use(drop_unlinked_).bind(change.medicapp_id).run();
}

void Changes::apply(const Batch::PutIntent& change) {
    const Intent& intent = change.intent;
    const std::string kind = kind_name(intent.kind);
    const PackedDigests sent(intent.sent);
    const auto write = [&](Prepared& statement) {
        return Use(statement)
            .bind(intent.external_id)
            .bind(kind)
            .bind(intent.medicapp_id)
            .bind(sent.bytes())
            .run();
    };
    const int added = write(new_intent_);
    counts_.next().intents += added;
    if (added == 0) write(replace_intent_);
}

void Changes::apply(const Batch::DropIntent& change) {
    counts_.next().intents -= Use(drop_intent_).bind(change.external_id).run();
}

void Changes::apply(const Batch::Hold& change) {
    const Held& held = change.held;
    const std::string reason(name(held.reason));
    const auto write = [&](Prepared& statement) {
        return Use(statement)
            .bind(held.key)
            .bind(held.source)
            .bind(reason)
            .bind(held.field)
            .bind(held.detail)
            .bind(held.medicapp_id)
            .bind(held.request_id)
            .bind(held.record)
            .bind(held.attempts)
            .bind(held.held_at_ms)
            .bind(std::int64_t{held.acknowledged})
            .bind(held.looked_at_ms != 0 ? held.looked_at_ms : held.held_at_ms)
            .run();
    };
    const int added = write(new_hold_);
    counts_.next().held += added;
    if (added == 0) write(replace_hold_);
    if (held.look)
        Use(put_divergence_).bind(held.key).bind(*held.look).run();
    else
        Use(drop_divergence_).bind(held.key).run();
    Use(drop_ignored_).bind(held.key).run();
    if (!held.acknowledged) return;
    for (const auto& [source, record] : held.others)
        Use(put_ignored_).bind(held.key).bind(source).bind(record).run();
}

void Changes::apply(const Batch::Release& change) {
    counts_.next().held -= Use(release_).bind(change.key).run();
    Use(drop_ignored_).bind(change.key).run();
    Use(drop_divergence_).bind(change.key).run();
}

void Changes::apply(const Batch::SetAside& change) {
    Counts& counts = counts_.next();
    std::int64_t decisions = 0; // are not counted
    const std::array<std::int64_t*, 4> counted = {&counts.links, &counts.intents, &counts.held,
                                                  &decisions};
    static_assert(std::tuple_size_v<decltype(counted)> == sealed_tables.size());
    if (change.key.empty()) {
        const auto dropped = drop_altered(db_);
        for (std::size_t i = 0; i < dropped.size(); ++i)
            *counted[i] -= dropped[i];
        return;
    }
    for (std::size_t i = 0; i < set_aside_.size(); ++i) {
        Use use(set_aside_[i]);
        if (sealed_tables[i].packs_ids)
            use.bind_id(change.key);
        else
            use.bind(change.key);
        *counted[i] -= use.run();
    }
}

void Changes::apply(const Batch::PutTombstone& change) {
    const Tombstone& tombstone = change.tombstone;
    const auto write = [&](Prepared& statement) {
        return Use(statement).bind(tombstone.external_id).bind(tombstone.medicapp_id).run();
    };
    const int added = write(new_tombstone_);
    counts_.next().tombstones += added;
    if (added == 0) write(replace_tombstone_);
}

void Changes::apply(const Batch::DropTombstone& change) {
    counts_.next().tombstones -= Use(drop_tombstone_).bind(change.external_id).run();
}

void Changes::apply(const Batch::PutRedirect& change) {
    if (change.to.empty())
        Use(drop_redirect_).bind(change.from).run();
    else
        Use(put_redirect_).bind(change.from).bind(change.to).bind(change.merged_at).run();
}

void Changes::apply(const Batch::PutPrior& change) {
    Use(put_prior_).bind(change.external_id).bind(change.prior).run();
}

void Changes::apply(const Batch::PutRefusal& change) {
    const Refusal& refusal = change.refusal;
    Use(put_refusal_)
        .bind(refusal.external_id)
        .bind(refusal.cycles)
        .bind(std::int64_t{refusal.others})
        .run();
}

void Changes::apply(const Batch::DropRefusal& change) {
    Use(drop_refusal_).bind(change.external_id).run();
}

void Changes::apply(const Batch::PutDecision& change) {
    const OperatorDecision& decision = change.decision;
    const std::string kind(name(decision.kind));
    Use(put_decision_)
        .bind(decision.external_id)
        .bind(kind)
        .bind(decision.medicapp_id)
        .bind(decision.record)
        .bind(decision.medicapp)
        .bind(decision.reason)
        .bind(decision.actor.name)
        .bind(decision.actor.uid)
        .bind(decision.at_ms)
        .run();
}

void Changes::apply(const Batch::DropDecision& change) {
    Use(drop_decision_).bind(change.key).run();
}

void Changes::apply(const Batch::PutTaken& change) {
    const Taken& taken = change.taken;
    Use(put_taken_).bind(taken.external_id).bind(taken.source).bind(taken.digest).run();
}

void Changes::apply(const Batch::TellApart& change) {
    Use(tell_apart_).bind(change.told.external_id).bind(change.told.digest).run();
}

void Changes::apply(const Batch::WithdrawApart& change) {
    Use(drop_told_apart_).bind(change.external_id).run();
}

void Changes::apply(const Batch::MoveTaken& change) {
    Use(move_taken_).bind(change.from).bind(change.to).run();
}

void Changes::apply(const Batch::PutWatermark& change) {
    const Watermark& watermark = change.watermark;
    const std::string precision = precision_name(watermark.precision);
    Use(put_watermark_)
        .bind(watermark.side)
        .bind(watermark.stamp)
        .bind(watermark.anchor)
        .bind(watermark.reached_at)
        .bind(std::int64_t{watermark.settled})
        .bind(precision)
        .bind(watermark.pending)
        .bind(watermark.clock)
        .run();
}

void Changes::apply(const Batch::Forget& change) {
    inbox_.forget(change.external_id, change.only_taken);
    counts_.next().unlinked -= Use(forget_unlinked_).bind(change.external_id).run();
    Use(drop_taken_).bind(change.external_id).run();
    Use(drop_told_apart_).bind(change.external_id).run();
}

void Changes::apply(const Batch::PutMeta& change) {
    if (change.value.empty())
        Use(drop_meta_).bind(change.key).run();
    else
        Use(put_meta_).bind(change.key).bind(change.value).run();
}

} // namespace medibridge::state
