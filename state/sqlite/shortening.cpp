#include "state/sqlite/shortening.hpp"

#include "state/sqlite/packed_text.hpp"
#include "state/sqlite/packing.hpp"
#include "state/sqlite/sealed_rows.hpp"

#include <SQLiteCpp/Database.h>
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::state {
namespace {

using reconcile::field_count;
using Shortened = std::vector<std::uint8_t>;

constexpr std::size_t former_mask = 4;
constexpr std::size_t former_digest = 16;
/// In front of the digests of a drift: the traits' states, and two times.
constexpr std::size_t head_of_drift = 1 + 2 * 8;

/// Reads digests as they were kept before: a little-endian mask of some bits a field, then 16 bytes
/// each. A field that is empty had sixteen bytes as well, of which the last was 1.
class FormerDigests {
  public:
    explicit FormerDigests(std::span<const std::uint8_t> bytes) : rest_(bytes) {
        if (rest_.size() < former_mask) return;
        for (std::size_t i = former_mask; i-- > 0;)
            mask_ = mask_ << 8U | rest_[i];
        rest_ = rest_.subspan(former_mask);
        whole_ = true;
    }

    std::uint32_t bits(std::size_t field, unsigned width) const {
        return mask_ >> (field * width) & ((1U << width) - 1);
    }
    FieldDigest next() {
        FieldDigest digest{};
        if (rest_.size() < former_digest) {
            whole_ = false;
            return digest;
        }
        const auto before = rest_.first(former_digest);
        rest_ = rest_.subspan(former_digest);
        const bool cleared = std::ranges::count(before.first(former_digest - 1), 0) ==
                                 std::ptrdiff_t{former_digest - 1} &&
                             before.back() == 1;
        if (cleared) return reconcile::cleared_digest;
        std::copy_n(before.begin(), digest.size(), digest.begin());
        return digest;
    }
    bool read_whole() const { return whole_ && rest_.empty(); }

  private:
    std::span<const std::uint8_t> rest_;
    std::uint32_t mask_ = 0;
    bool whole_ = false;
};

Shortened shortened(const PackedDigests& packed) {
    return {packed.bytes().begin(), packed.bytes().end()};
}

std::optional<Shortened> shorter_pair(std::span<const std::uint8_t> bytes) {
    FormerDigests former(bytes);
    FieldDigests his{};
    FieldDigests medicapp{};
    for (std::size_t i = 0; i < field_count; ++i) {
        const auto bits = former.bits(i, 3);
        if ((bits & 1U) != 0) his[i] = former.next();
        if ((bits & 4U) != 0)
            medicapp[i] = his[i];
        else if ((bits & 2U) != 0)
            medicapp[i] = former.next();
    }
    if (!former.read_whole()) return std::nullopt;
    return shortened(PackedDigests(his, medicapp));
}

std::optional<Shortened> shorter_set(std::span<const std::uint8_t> bytes) {
    FormerDigests former(bytes);
    FieldDigests digests{};
    for (std::size_t i = 0; i < field_count; ++i)
        if (former.bits(i, 1) != 0) digests[i] = former.next();
    if (!former.read_whole()) return std::nullopt;
    return shortened(PackedDigests(digests));
}

std::optional<Shortened> shorter_drift(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < head_of_drift) return std::nullopt;
    const auto confirmed = shorter_set(bytes.subspan(head_of_drift));
    if (!confirmed) return std::nullopt;
    Shortened all(bytes.begin(), bytes.begin() + head_of_drift);
    all.insert(all.end(), confirmed->begin(), confirmed->end());
    return all;
}

std::span<const std::uint8_t> blob_of(sqlite3_value* value) {
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
    return {static_cast<const std::uint8_t*>(sqlite3_value_blob(value)), size};
}

std::string_view text_of(sqlite3_value* value) {
    const auto bytes = blob_of(value);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void answer(sqlite3_context* context, sqlite3_value* given,
            const std::optional<Shortened>& shorter) {
    if (shorter)
        sqlite3_result_blob(context, shorter->data(), static_cast<int>(shorter->size()),
                            SQLITE_TRANSIENT);
    else // what cannot be read stays what it is
        sqlite3_result_value(context, given);
}

template <auto shorten>
void shorten_blob(sqlite3_context* context, int, sqlite3_value** values) {
    answer(context, values[0], shorten(blob_of(values[0])));
}

void shorten_id(sqlite3_context* context, int, sqlite3_value** values) {
    answer(context, values[0], pack_id(text_of(values[0])));
}

void shorten_fields(sqlite3_context* context, int, sqlite3_value** values) {
    if (const auto bits = pack_fields(text_of(values[0])))
        sqlite3_result_int64(context, *bits);
    else
        sqlite3_result_value(context, values[0]);
}

void teach_shortening(SQLite::Database& database) {
    constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    const auto teach = [&](const char* name, auto function) {
        database.check(sqlite3_create_function_v2(database.getHandle(), name, 1, flags, nullptr,
                                                  function, nullptr, nullptr, nullptr));
    };
    teach("short_id", shorten_id);
    teach("short_fields", shorten_fields);
    teach("short_pair", shorten_blob<shorter_pair>);
    teach("short_set", shorten_blob<shorter_set>);
    teach("short_drift", shorten_blob<shorter_drift>);
}

/// The mac of a row that says `columns` from now on: right where the one of the former row is.
std::string mac_of(std::string_view table, const std::string& columns,
                   std::string_view former_columns) {
    const auto name = "'" + std::string(table) + "', ";
    const auto mac = "row_mac(" + name + columns + ")";
    return "CASE WHEN has_row_mac(mac, " + name + std::string(former_columns) + ") THEN " + mac +
           " ELSE ~" + mac + " END";
}

} // namespace

void shorten_rows(SQLite::Database& database, const AuditSeal& seal) {
    teach_row_mac(database, seal.rows());
    teach_shortening(database);
    const std::string link = "short_id(external_id), short_id(medicapp_id), source,"
                             " short_pair(digests), his_modified_at, medicapp_modified_at,"
                             " contact_source, short_drift(drift), unbelieved_at";
    database.exec("INSERT INTO link SELECT " + link + ", " +
                  mac_of("link", link, sealed_link.columns) +
                  " FROM former_link; DROP TABLE former_link;"
                  "CREATE UNIQUE INDEX link_by_medicapp_id ON link(medicapp_id)");
    const std::string intent = "external_id, kind, medicapp_id, short_set(sent)";
    database.exec("UPDATE intent SET sent = short_set(sent), mac = " +
                  mac_of("intent", intent, sealed_intent.columns));
    database.exec("INSERT INTO audit SELECT id, at, short_id(external_id), short_id(medicapp_id),"
                  " action, short_fields(detail), short_id(request_id), actor, uid, mac"
                  " FROM former_audit; DROP TABLE former_audit");
}

} // namespace medibridge::state
