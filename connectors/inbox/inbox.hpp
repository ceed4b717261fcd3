#pragma once

#include "base/runtime/task.hpp"
#include "connectors/source/source.hpp"
#include "reconcile/patient.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// BLAKE2b-256 of the bytes that a sender sent (libsodium's crypto_generichash).
using ContentDigest = std::array<std::uint8_t, 32>;

ContentDigest content_digest(std::string_view content);

/// content_digest() of what comes piece by piece.
class ContentHash {
  public:
    ContentHash();
    ~ContentHash();
    ContentHash(ContentHash&&) noexcept;
    ContentHash& operator=(ContentHash&&) noexcept;

    void add(std::string_view bytes);
    /// Of everything that was added; nothing may be added after it.
    ContentDigest finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// What a sender sent: an HL7 message, a file, or a part of a large file.
class Arrival {
  public:
    Arrival() = default;

    /// The digest of all of it. Nothing: a part of a file that others follow; parts are not checked
    /// for repetition.
    std::optional<ContentDigest> content;
    /// It continues the arrival before it, as a later part of the same file does: if the two
    /// describe a patient as different people, the patient is ambiguous.
    bool continues = false;
    /// Whose share of the inbox's quota it takes: what the sender cannot choose, such as its
    /// network address. Empty: no quota.
    std::string sender;
    std::string answer; ///< what the sender is told; given again if the same comes again
    /// In their order. A later record of a patient replaces an earlier one of the same time; fields
    /// that it does not give keep their values. An older record changes nothing.
    std::vector<reconcile::SourceRecord> records;
};

class Receipt {
  public:
    Receipt() = default;
    explicit Receipt(std::string its_answer, bool is_repeated = false)
        : answer(std::move(its_answer)),
          repeated(is_repeated) {}

    std::string answer;
    bool repeated = false; ///< it came before: this is the first answer, and nothing was changed
    /// Nothing was stored, because so much waits to be taken.
    enum class Full { no, for_sender, for_all };
    Full full = Full::no;
};

/// Records of one source that arrived and wait to be taken, durable and sealed. The newest record
/// of each patient stays after it was taken, so that the source can be read completely at any time.
class Inbox {
  public:
    virtual ~Inbox() = default;

    /// When it returns a receipt, the arrival survives a power cut, and later readings show its
    /// records. Concurrent calls are made durable together, in the order of the calls. An error
    /// says why nothing was stored; the sender may try again. Values that are longer than Medicapp
    /// takes are not stored (within_bounds()).
    virtual runtime::Task<SourceResult<Receipt>> put(Arrival arrival) = 0;

    /// The receipt of an earlier arrival with this content; nothing: there was none.
    virtual runtime::Task<SourceResult<std::optional<Receipt>>> find(ContentDigest content) = 0;

    class Entry {
      public:
        Entry() = default;
        std::int64_t sequence = 0; ///< rises with each change of the entry
        reconcile::SourceRecord record;
    };
    /// The sequence of the entry that was changed last; 0: there is none.
    virtual runtime::Task<SourceResult<std::int64_t>> newest() = 0;
    /// At most `limit` entries with a sequence over `after`, rising, and about 1 MiB of them; with
    /// `only_new` those that were not taken. Nothing: there are no more. Of an entry that cannot be
    /// read, a record that says so: it is held as invalid.
    virtual runtime::Task<SourceResult<std::vector<Entry>>> read(bool only_new, std::int64_t after,
                                                                 std::size_t limit) = 0;
    /// The entry of that externalId, whether it was taken or not; nothing: none ever arrived.
    virtual runtime::Task<SourceResult<std::optional<Entry>>> read_one(std::string external_id) = 0;
    /// Entries up to that sequence were taken.
    virtual runtime::Task<SourceResult<void>> mark_taken(std::int64_t up_to) = 0;
};

} // namespace medibridge::connectors
