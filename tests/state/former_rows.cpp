#include "former_rows.hpp"

#include "samples.hpp"
#include "state/sqlite/audit.hpp"
#include "state/sqlite/packing.hpp"
#include "state/sqlite/sealed_rows.hpp"

#include <SQLiteCpp/Database.h>

namespace medibridge::state::test {
namespace {

using Column = std::vector<std::uint8_t>;

void append_former(const FieldDigest& digest, Column& bytes) {
    Column all(16, 0xee);
    if (digest == reconcile::cleared_digest) {
        all.assign(16, 0);
        all.back() = 1;
    } else {
        std::copy(digest.begin(), digest.end(), all.begin());
    }
    bytes.insert(bytes.end(), all.begin(), all.end());
}

void append_mask(std::uint32_t mask, Column& bytes) {
    for (unsigned shift = 0; shift < 32; shift += 8)
        bytes.push_back(static_cast<std::uint8_t>(mask >> shift));
}

/// Behind a mask of a bit a field.
Column former_set(const FieldDigests& digests) {
    std::uint32_t mask = 0;
    Column known;
    for (std::size_t i = 0; i < digests.size(); ++i) {
        if (digests[i] == FieldDigest{}) continue;
        mask |= 1U << i;
        append_former(digests[i], known);
    }
    Column bytes;
    append_mask(mask, bytes);
    bytes.insert(bytes.end(), known.begin(), known.end());
    return bytes;
}

Column former_drift(const reconcile::IdentityDrift& drift) {
    const PackedDrift packed(drift);
    if (packed.bytes().empty()) return {};
    Column bytes(packed.bytes().begin(), packed.bytes().begin() + 17);
    const auto confirmed = former_set(drift.confirmed);
    bytes.insert(bytes.end(), confirmed.begin(), confirmed.end());
    return bytes;
}

} // namespace

Column former_pair(const FieldDigests& his, const FieldDigests& medicapp) {
    std::uint32_t mask = 0;
    Column known;
    for (std::size_t i = 0; i < his.size(); ++i) {
        std::uint32_t bits = 0;
        if (his[i] != FieldDigest{}) {
            bits |= 1U;
            append_former(his[i], known);
        }
        if (medicapp[i] != FieldDigest{}) {
            bits |= 2U;
            if (medicapp[i] == his[i])
                bits |= 4U;
            else
                append_former(medicapp[i], known);
        }
        mask |= bits << (3 * i);
    }
    Column bytes;
    append_mask(mask, bytes);
    bytes.insert(bytes.end(), known.begin(), known.end());
    return bytes;
}

FormerState::FormerState(const std::filesystem::path& path, std::size_t version)
    : database_(std::make_unique<SQLite::Database>(path.string(),
                                                   SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)) {
    migrate(*database_, all_migrations().first(version), audit_seal());
    teach_row_mac(*database_, audit_seal().rows());
}

FormerState::~FormerState() = default;

void FormerState::put(const Link& link) {
    Prepared row(*database_, insert_sealed(sealed_link).c_str());
    const auto digests = former_pair(link.baselines.his.fields, link.baselines.medicapp.fields);
    const auto drift = former_drift(link.drift);
    Use(row)
        .bind(link.external_id)
        .bind(link.medicapp_id)
        .bind(link.source)
        .bind(digests)
        .bind(link.baselines.his.modified_at)
        .bind(link.baselines.medicapp.modified_at)
        .bind(link.contact_source)
        .bind(drift)
        .bind(link.unbelieved_at)
        .run();
}

void FormerState::put(const Intent& intent) {
    Prepared row(*database_, insert_sealed(sealed_intent).c_str());
    const std::string kind = intent.kind == Intent::Kind::create ? "create" : "update";
    const auto sent = former_set(intent.sent);
    Use(row).bind(intent.external_id).bind(kind).bind(intent.medicapp_id).bind(sent).run();
}

void FormerState::put(const AuditEntry& entry) {
    Prepared row(*database_, "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, x'')");
    Use(row)
        .bind(entry.id)
        .bind(entry.at_ms)
        .bind(entry.external_id)
        .bind(entry.medicapp_id)
        .bind(entry.action)
        .bind(entry.detail)
        .bind(entry.request_id)
        .bind(entry.actor.name)
        .bind(entry.actor.uid)
        .run();
}

void FormerState::run(const std::string& sql) {
    database_->exec(sql);
}

void FormerState::seal_audit() {
    start_audit_chain(*database_, audit_seal());
}

} // namespace medibridge::state::test
