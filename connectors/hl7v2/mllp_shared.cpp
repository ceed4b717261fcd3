#include "connectors/hl7v2/mllp_shared.hpp"

#include "connectors/hl7v2/events.hpp"

#include <exception>
#include <utility>

namespace medibridge::connectors::hl7 {

using runtime::Task;

void BoundedLog::write(const log::EventType& type, const std::string& source, std::string reason) {
    auto& window = windows_[&type];
    const auto now = clock_.now();
    if (window.written == 0 || now - window.begin >= std::chrono::minutes(1)) {
        window.begin = now;
        window.written = 0;
    }
    if (window.written >= each_minute) {
        ++window.left_out;
        return;
    }
    ++window.written;
    if (const auto left_out = std::exchange(window.left_out, 0); left_out > 0)
        reason += " (and " + std::to_string(left_out) + " more before it)";
    log_.write(
        log::Event(type).with(log::Key::source, source).with(log::Key::reason, std::move(reason)));
}

Task<std::string> MllpShared::store(Arrival arrival, std::string if_failed) {
    const bool has_news = !arrival.records.empty();
    const auto sender = arrival.sender;
    std::string failure = "the inbox failed";
    try {
        auto receipt = co_await inbox.put(std::move(arrival));
        if (receipt && receipt->full != Receipt::Full::no) {
            ++stats.failed;
            is_full(sender, receipt->full);
            co_return if_failed;
        }
        if (receipt) {
            if (!receipt->repeated) has_room(sender);
            ++(receipt->repeated ? stats.repeated : stats.stored);
            storing_works();
            if (has_news && !receipt->repeated && on_arrival) on_arrival();
            co_return std::move(receipt->answer);
        }
        failure = receipt.error().what;
    } catch (const std::exception& error) {
        failure = error.what();
    }
    ++stats.failed;
    storing_fails(std::move(failure));
    co_return if_failed;
}

void MllpShared::storing_works() {
    if (!failing_since_) return;
    const auto duration = clock.now() - *failing_since_;
    failing_since_.reset();
    log.write(log::Event(events::mllp_storing_recovered)
                  .with(log::Key::source, name)
                  .with(log::Key::duration_ms, static_cast<std::int64_t>(duration.count())));
}

void MllpShared::storing_fails(std::string reason) {
    if (failing_since_) return;
    failing_since_ = clock.now();
    log.write(log::Event(events::mllp_storing_failed)
                  .with(log::Key::source, name)
                  .with(log::Key::reason, std::move(reason)));
}

void MllpShared::is_full(const std::string& sender, Receipt::Full full) {
    constexpr std::size_t most_senders = 1'000;
    const bool for_all = full == Receipt::Full::for_all;
    const auto who = for_all ? std::string() : sender;
    if (full_since_.size() >= most_senders || !full_since_.emplace(who, clock.now()).second) return;
    log.write(log::Event(events::mllp_inbox_full)
                  .with(log::Key::source, name)
                  .with(log::Key::reason, for_all
                                              ? "quota: the whole inbox"
                                              : "quota.sender_percent: what " + sender + " sent"));
}

void MllpShared::has_room(const std::string& sender) {
    if (full_since_.empty()) return;
    for (const auto& who : {std::string(), sender}) {
        const auto found = full_since_.find(who);
        if (found == full_since_.end()) continue;
        const auto duration = clock.now() - found->second;
        full_since_.erase(found);
        log.write(log::Event(events::mllp_inbox_has_room)
                      .with(log::Key::source, name)
                      .with(log::Key::reason, who.empty() ? "for all" : "for " + who)
                      .with(log::Key::duration_ms, static_cast<std::int64_t>(duration.count())));
    }
}

void MllpShared::note(const Reading& reading) {
    const auto where = "message " + reading.control_id + ": ";
    const auto tell = [&](const std::string& patient, const char* what) {
        log.write(log::Event(events::mllp_patient_linked)
                      .with(log::Key::source, name)
                      .with(log::Key::patient, patient)
                      .with(log::Key::reason, where + what));
    };
    ++stats.messages;
    for (const auto& patient : reading.linked)
        tell(patient, "A24 links this patient with another");
    for (const auto& patient : reading.unlinked)
        tell(patient, "A37 ends the link of this patient with another");
    if (!reading.store) {
        ++stats.refused;
        bounded.write(events::mllp_message_refused, name, where + reading.reason);
    } else if (!reading.reason.empty()) {
        ++stats.faulty;
        bounded.write(events::mllp_message_faulty, name, where + reading.reason);
    } else if (reading.skipped) {
        ++stats.skipped;
        if (std::exchange(skipped_before_, true)) return;
        bounded.write(events::mllp_message_skipped, name,
                      where + "MSH-11 is not " + settings.processing);
    }
}

} // namespace medibridge::connectors::hl7
