#include "state/batch.hpp"

#include <utility>

namespace medibridge::state {

Batch::Batch() = default;
Batch::~Batch() = default;
Batch::Batch(const Batch& other) = default;
Batch::Batch(Batch&& other) noexcept = default;
Batch& Batch::operator=(const Batch& other) = default;
Batch& Batch::operator=(Batch&& other) noexcept = default;

void Batch::put_link(Link link) {
    add(PutLink{std::move(link)});
}
void Batch::drop_link(std::string external_id) {
    add(DropLink{std::move(external_id)});
}
void Batch::put_unlinked(Unlinked unlinked) {
    add(PutUnlinked{std::move(unlinked)});
}
void Batch::drop_unlinked(std::string medicapp_id) {
    add(DropUnlinked{std::move(medicapp_id)});
}
void Batch::put_intent(Intent intent) {
    add(PutIntent{std::move(intent)});
}
void Batch::drop_intent(std::string external_id) {
    add(DropIntent{std::move(external_id)});
}
void Batch::hold(Held held) {
    add(Hold{std::move(held)});
}
void Batch::release(std::string key) {
    add(Release{std::move(key)});
}
void Batch::set_aside(std::string key) {
    add(SetAside{std::move(key)});
}
void Batch::put_tombstone(Tombstone tombstone) {
    add(PutTombstone{std::move(tombstone)});
}
void Batch::drop_tombstone(std::string external_id) {
    add(DropTombstone{std::move(external_id)});
}

void Batch::put_redirect(std::string from, std::string to, std::optional<Instant> merged_at) {
    if (from != to) put_prior(to, from);
    add(PutRedirect{std::move(from), std::move(to), merged_at});
}
void Batch::put_prior(std::string external_id, std::string prior) {
    add(PutPrior{std::move(external_id), std::move(prior)});
}
void Batch::drop_redirect(std::string from) {
    add(PutRedirect{std::move(from), {}});
}
void Batch::put_refusal(Refusal refusal) {
    add(PutRefusal{std::move(refusal)});
}
void Batch::drop_refusal(std::string external_id) {
    add(DropRefusal{std::move(external_id)});
}
void Batch::put_decision(OperatorDecision decision) {
    add(PutDecision{std::move(decision)});
}
void Batch::drop_decision(std::string key) {
    add(DropDecision{std::move(key)});
}
void Batch::put_taken(Taken taken) {
    add(PutTaken{std::move(taken)});
}
void Batch::move_taken(std::string from, std::string to) {
    add(MoveTaken{std::move(from), std::move(to)});
}
void Batch::tell_apart(ToldApart told) {
    add(TellApart{std::move(told)});
}
void Batch::withdraw_apart(std::string external_id) {
    add(WithdrawApart{std::move(external_id)});
}
void Batch::put_watermark(Watermark watermark) {
    add(PutWatermark{std::move(watermark)});
}
void Batch::put_meta(std::string key, std::string value) {
    add(PutMeta{std::move(key), std::move(value)});
}
void Batch::put_inbox(InboxEntry entry) {
    add(PutInbox{std::move(entry)});
}
void Batch::put_receipt(InboxReceipt receipt) {
    add(PutReceipt{std::move(receipt)});
}
void Batch::take_inbox(std::string source, std::int64_t up_to) {
    add(TakeInbox{std::move(source), up_to});
}
void Batch::forget(std::string external_id) {
    add(Forget{std::move(external_id)});
}
void Batch::forget_taken(std::string external_id) {
    add(Forget{std::move(external_id), true});
}
void Batch::audit(AuditEntry entry) {
    add(Audit{std::move(entry)});
}

void Batch::add(Change change) {
    changes_.push_back(std::move(change));
}

void Batch::append(Batch other) {
    if (changes_.empty()) {
        changes_ = std::move(other.changes_);
        return;
    }
    for (auto& change : other.changes_)
        changes_.push_back(std::move(change));
}

bool Batch::empty() const {
    return changes_.empty();
}
std::size_t Batch::size() const {
    return changes_.size();
}

} // namespace medibridge::state
