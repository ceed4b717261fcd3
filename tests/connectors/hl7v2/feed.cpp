#include "feed.hpp"

#include "connectors/hl7v2/batch.hpp"

#include <utility>

namespace medibridge::connectors::hl7 {

namespace {

constexpr std::size_t max_messages = 1'000'000; ///< of one file

} // namespace

runtime::Task<Hl7Result<std::vector<Fed>>> feed_file(std::string content, MessageReader& reader,
                                                     Inbox& inbox, reconcile::Instant now) {
    const auto batch = read_batch(content, max_messages);
    if (!batch) co_return std::unexpected(batch.error());
    std::vector<Fed> all;
    for (const auto message : batch->messages) {
        auto reading = reader.read(message, now);
        Fed fed;
        fed.control_id = std::move(reading.control_id);
        fed.reason = std::move(reading.reason);
        fed.result = Fed::Result::refused;
        if (reading.store) {
            const auto receipt = co_await inbox.put(std::move(reading.arrival));
            fed.result = !receipt            ? Fed::Result::failed
                         : receipt->repeated ? Fed::Result::repeated
                                             : Fed::Result::stored;
            if (!receipt) fed.reason = receipt.error().what;
        }
        all.push_back(std::move(fed));
    }
    co_return std::move(all);
}

} // namespace medibridge::connectors::hl7
