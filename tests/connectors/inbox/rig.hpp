#pragma once

#include "../../daemon/child.hpp"
#include "base/log/event.hpp"
#include "base/runtime/worker.hpp"
#include "connectors/hl7v2/reading.hpp"
#include "connectors/inbox/sealed_inbox.hpp"
#include "run_task.hpp"
#include "state/sqlite_store.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::tests {

/// What an ADT message says, as far as tests care.
struct Adt {
    std::string event = "A31";
    std::string recorded = "20261128100000"; ///< EVN-2
    std::string id = "7001";                 ///< PID-3: its IPP, or several, separated by spaces
    std::map<int, std::string> pid = {};     ///< other fields
    std::string retired = {};                ///< MRG-1; empty: no MRG
    std::optional<std::string> sent = {};    ///< MSH-7; nothing: as EVN-2
};

/// PID-5, -7 and -8 of Anne MOREL, with these fields besides.
std::map<int, std::string> anne(std::map<int, std::string> more = {});

/// The real reader of messages and the real inbox, over a state file and with a clock of its own.
class InboxRig : public testing::Test {
  protected:
    InboxRig();

    /// Opens the state anew.
    void restart();
    /// Another one over the same state.
    std::unique_ptr<connectors::SealedInbox> make_inbox();
    /// Hands the message over; its text differs from all others.
    void send(const Adt& adt);
    connectors::SourceResult<connectors::Receipt> put(connectors::Arrival arrival);
    void put_records(std::vector<reconcile::SourceRecord> records, bool continues = false);
    /// Stores a record as a former version did: as a sealed text that nobody judges.
    void store_text(const std::string& id, const std::string& text);

    /// A cycle has applied or held all that arrived.
    void take();

    /// What the source shows of everybody, by externalId.
    std::map<std::string, reconcile::SourceRecord> all();
    reconcile::SourceRecord shown(const std::string& id = "7001");
    /// A field: its text, or its state in `()`.
    std::string field(reconcile::Field field, const std::string& id = "7001");
    std::string phone(const std::string& id = "7001") { return field(reconcile::Field::phone, id); }
    /// The patients of the events `record.implausible_time`.
    std::vector<std::string> told_of();

    static constexpr std::array<std::uint8_t, 32> key{3, 1, 4};
    reconcile::Instant now = reconcile::parse_rfc3339("2026-11-28T12:00:00Z")->instant;

    template <class T>
    T run(runtime::Task<T> task) {
        return tests::run_task(io_, std::move(task));
    }

    class Kept final : public log::EventLog {
      public:
        void write(const log::Event& event) override { events.push_back(event); }
        std::vector<log::Event> events;
    };

    Kept log_;
    TemporaryDirectory directory_;
    boost::asio::io_context io_{1};
    runtime::Worker worker_;
    std::unique_ptr<state::Store> store_;
    std::unique_ptr<state::Database> database_;
    std::unique_ptr<connectors::SealedInbox> inbox_;
    connectors::hl7::MessageReader reader_;
    int messages_ = 0;
};

} // namespace medibridge::tests
