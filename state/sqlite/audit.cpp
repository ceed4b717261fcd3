#include "state/sqlite/audit.hpp"

#include <SQLiteCpp/Database.h>
#include <algorithm>
#include <chrono>
#include <limits>

namespace medibridge::state {
namespace {

// Rows of the table meta. The base is the line before the oldest that is kept: none at first, later
// the last that was removed for its age.
const std::string chain_head = "audit:head";
const std::string chain_base = "audit:base";

constexpr std::int64_t lines_at_a_time = 1'000;

#define AUDIT_COLUMNS                                                                              \
    "SELECT id, at, external_id, medicapp_id, action, detail, request_id, actor, uid, mac"         \
    " FROM audit "

/// Only a display reads it: nothing is decided by this machine's clock.
std::int64_t now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

AuditEntry read_line(const Use& row) {
    AuditEntry entry;
    entry.id = row.number(0);
    entry.at_ms = row.number(1);
    entry.external_id = row.id(2);
    entry.medicapp_id = row.id(3);
    entry.action = row.text(4);
    entry.detail = row.fields(5);
    entry.request_id = row.id(6);
    entry.actor = {row.text(7), row.number(8)};
    return entry;
}

/// All zero, which is no mac, for what cannot be one.
Digest read_mac(std::span<const std::uint8_t> bytes) {
    Digest mac{};
    if (bytes.size() == mac.size()) std::ranges::copy(bytes, mac.begin());
    return mac;
}

std::int64_t at_most(std::size_t limit) {
    constexpr std::size_t most = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(limit, most));
}

/// Goes along the lines that follow a mark.
class Walk {
  public:
    Walk(const AuditSeal& seal, const AuditMark& base) : seal_(seal), at_(base) {}

    /// Whether the row is the line that follows; goes on from it in any case.
    bool follows(const Use& row) {
        const AuditEntry entry = read_line(row);
        const Digest mac = read_mac(row.blob(9));
        const bool right = seal_.mac(at_.mac, entry) == mac;
        at_ = {entry.id, mac};
        return right;
    }

    const AuditMark& at() const { return at_; }

  private:
    const AuditSeal& seal_;
    AuditMark at_;
};

} // namespace

Audit::Audit(SQLite::Database& db, const AuditSeal& seal)
    : seal_(seal),
      put_(db, "INSERT INTO audit(id, at, external_id, medicapp_id, action, detail, request_id,"
               " actor, uid, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      last_(db, "SELECT id, mac FROM audit ORDER BY id DESC LIMIT 1"),
      newest_first_(db, AUDIT_COLUMNS "WHERE at >= ?1 AND (?2 = '' OR external_id = ?2)"
                                      " AND (?3 = '' OR actor = ?3) AND (?5 = '' OR action = ?5)"
                                      " ORDER BY id DESC LIMIT ?4"),
      oldest_first_(db, AUDIT_COLUMNS "WHERE at >= ?1 AND (?2 = '' OR external_id = ?2)"
                                      " AND (?3 = '' OR actor = ?3) AND (?5 = '' OR action = ?5)"
                                      " AND id > ?6"
                                      " ORDER BY id LIMIT ?4"),
      all_(db, AUDIT_COLUMNS "ORDER BY id"),
      oldest_(db, AUDIT_COLUMNS "ORDER BY id LIMIT ?"),
      drop_up_to_(db, "DELETE FROM audit WHERE id <= ?"),
      mark_(db, "SELECT value FROM meta WHERE key = ?"),
      put_mark_(db, "INSERT OR REPLACE INTO meta VALUES (?, ?)") {}

// The line that was last is found in the table as well as in the head: lines go on being written,
// each in a place of its own, even where somebody has cut the chain.
Audit::End Audit::end_of_chain() {
    AuditMark last;
    if (Use use(last_); use.row()) last = {use.number(0), read_mac(use.blob(1))};
    const auto head = mark(chain_head);
    if (!head) return {last, false};
    return {{std::max(head->id, last.id), head->mac}, true};
}

void Audit::append(const AuditEntry& given) {
    if (!end_) end_ = end_of_chain();
    AuditEntry entry = given;
    entry.id = end_->mark.id + 1;
    if (entry.at_ms == 0) entry.at_ms = now_ms();
    end_->mark = {entry.id, seal_.mac(end_->mark.mac, entry)};
    Use(put_)
        .bind(entry.id)
        .bind(entry.at_ms)
        .bind_id(entry.external_id)
        .bind_id(entry.medicapp_id)
        .bind(entry.action)
        .bind_fields(entry.detail)
        .bind_id(entry.request_id)
        .bind(entry.actor.name)
        .bind(entry.actor.uid)
        .bind(end_->mark.mac)
        .run();
}

void Audit::finish() {
    if (end_ && end_->sound) put_mark(chain_head, end_->mark);
    end_.reset();
}

std::vector<AuditEntry> Audit::find(const AuditQuery& query) {
    Use use(query.after_id ? oldest_first_ : newest_first_);
    use.bind(query.since_ms)
        .bind_id(query.external_id)
        .bind(query.actor)
        .bind(at_most(query.limit));
    use.bind(query.action);
    if (query.after_id) use.bind(*query.after_id);
    std::vector<AuditEntry> found;
    while (use.row())
        found.push_back(read_line(use));
    return found;
}

AuditVerification Audit::verify() {
    AuditVerification result;
    const auto base = mark(chain_base);
    const auto head = mark(chain_head);
    const auto broken = [&](std::int64_t id) {
        if (!result.broken_at) result.broken_at = id;
    };
    Walk walk(seal_, base.value_or(AuditMark{}));
    Use use(all_);
    while (use.row()) {
        if (!walk.follows(use) || !base) broken(walk.at().id);
        if (result.lines++ == 0) result.first = walk.at().id;
        result.last = walk.at().id;
    }
    if (!base || !head)
        broken(result.last);
    else if (walk.at().id != head->id || walk.at().mac != head->mac)
        broken(std::max(head->id, result.last));
    result.intact = !result.broken_at;
    return result;
}

std::int64_t Audit::prune(std::int64_t before_ms) {
    const auto base = mark(chain_base);
    if (!base) return 0;
    std::int64_t removed = 0;
    AuditMark last = *base;
    {
        Walk walk(seal_, *base);
        Use use(oldest_);
        use.bind(lines_at_a_time);
        while (use.row()) {
            if (use.number(1) >= before_ms || !walk.follows(use)) break;
            last = walk.at();
            ++removed;
        }
    }
    if (removed == 0) return 0;
    Use(drop_up_to_).bind(last.id).run();
    put_mark(chain_base, last);
    return removed;
}

std::optional<AuditMark> Audit::mark(const std::string& place) {
    Use use(mark_);
    if (!use.bind(place).row()) return std::nullopt;
    return seal_.open(use.text(0), place);
}

void Audit::put_mark(const std::string& place, const AuditMark& mark) {
    const std::string text = seal_.close(mark, place);
    Use(put_mark_).bind(place).bind(text).run();
}

void start_audit_chain(SQLite::Database& database, const AuditSeal& seal) {
    Prepared lines(database, AUDIT_COLUMNS "WHERE id > ? ORDER BY id LIMIT ?");
    Prepared put_mac(database, "UPDATE audit SET mac = ? WHERE id = ?");
    Prepared put_mark(database, "INSERT OR REPLACE INTO meta VALUES (?, ?)");
    AuditMark last;
    for (;;) {
        std::vector<AuditEntry> page;
        if (Use use(lines); true) {
            use.bind(last.id).bind(lines_at_a_time);
            while (use.row())
                page.push_back(read_line(use));
        }
        if (page.empty()) break;
        for (const AuditEntry& entry : page) {
            last = {entry.id, seal.mac(last.mac, entry)};
            Use(put_mac).bind(last.mac).bind(last.id).run();
        }
    }
    const std::string base = seal.close({}, chain_base);
    const std::string head = seal.close(last, chain_head);
    Use(put_mark).bind(chain_base).bind(base).run();
    Use(put_mark).bind(chain_head).bind(head).run();
}

AuditEnds reseal_audit_ends(SQLite::Database& database, const AuditSeal& before,
                            const AuditSeal& now) {
    Prepared get(database, "SELECT value FROM meta WHERE key = ?");
    Prepared put(database, "INSERT OR REPLACE INTO meta VALUES (?, ?)");
    const auto again = [&](const std::string& place) {
        std::optional<AuditMark> mark;
        if (Use use(get); use.bind(place).row()) mark = before.open(use.text(0), place);
        if (mark) {
            const std::string text = now.close(*mark, place);
            Use(put).bind(place).bind(text).run();
        }
        return mark.value_or(AuditMark{}).id;
    };
    AuditEnds ends{again(chain_base), again(chain_head)};
    Prepared last(database, "SELECT ifnull(max(id), 0) FROM audit");
    if (Use use(last); use.row()) ends.last_id = std::max(ends.last_id, use.number(0));
    return ends;
}

#undef AUDIT_COLUMNS

} // namespace medibridge::state
