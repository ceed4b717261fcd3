#include "connectors/hl7v2/batch.hpp"
#include "connectors/hl7v2/mllp_frame.hpp"
#include "connectors/hl7v2/reading.hpp"
#include "fuzz/targets.hpp"

namespace medibridge::fuzz {

using namespace connectors::hl7;

namespace {

MessageReader& reader() {
    static MessageReader its = [] {
        connectors::Hl7Settings settings;
        settings.assigning_authority = "1.2.250.1.999.1.1";
        return MessageReader(settings);
    }();
    return its;
}

reconcile::Instant now() {
    return reconcile::Instant(std::chrono::seconds(1'770'000'000));
}

/// A sender may ask for none.
bool is_answer(std::string_view text) {
    return text.empty() || text.starts_with("MSH");
}

} // namespace

/// The first byte says how the rest is cut into pieces.
void read_hl7_frames(std::string_view bytes) {
    constexpr std::size_t limit = 512;
    if (bytes.empty()) return;
    const std::size_t piece = static_cast<unsigned char>(bytes.front()) % 64 + 1;
    bytes.remove_prefix(1);
    std::size_t told = 0;
    const auto take = [&told](const MllpPiece& it) {
        require(it.bytes.size() <= it.size + limit);
        if (it.kind == MllpPiece::Kind::message) require(it.bytes.size() <= limit);
        told += it.size;
    };
    MllpFrames frames(limit);
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        frames.add(bytes.substr(at, piece));
        while (const auto it = frames.next())
            take(*it);
    }
    if (frames.may_have_ended()) take(frames.end_here());
    if (const auto it = frames.finish()) take(*it);
    require(told <= bytes.size());
}

void read_hl7_message(std::string_view bytes) {
    const auto reading = reader().read(bytes, now());
    const auto& answer = reading.store ? reading.arrival.answer : reading.answer;
    require(is_answer(answer));
    const Refusal too_large(ErrorCode::data_type, "the message is larger than max_message");
    const auto refused = reader().read_dropped(bytes.substr(0, MllpFrames::head_limit),
                                               Outcome::refused, too_large, now());
    require(!refused.store && is_answer(refused.answer));
}

void read_hl7_batch(std::string_view bytes) {
    constexpr std::size_t most = 50;
    const auto batch = read_batch(bytes, most);
    if (!is_batch(bytes) || !batch) return;
    require(batch->messages.size() <= most);
    for (const auto message : batch->messages)
        require(message.data() >= bytes.data() &&
                message.data() + message.size() <= bytes.data() + bytes.size());
    batch_answer(bytes, std::vector<std::string>(batch->messages.size(), "MSH|^~\\&|\r"));
}

} // namespace medibridge::fuzz
