#include "base/figures/meters.hpp"

#include <algorithm>

namespace medibridge::figures {

namespace {

std::int64_t now_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

} // namespace

void Requests::note(const std::string& method, const std::string& code, double seconds) {
    ++answers[{method, code}];
    durations.try_emplace(method, request_bounds).first->second.note(seconds);
}

void Side::note_acknowledgement(const std::string& code, double seconds) {
    acknowledgements.try_emplace(code, commit_bounds).first->second.note(seconds);
}

void Side::note_failed(std::string what) {
    if (!failing) {
        failing.emplace();
        failing->since_ms = unheard_ms_.value_or(now_ms());
    }
    failing->what = std::move(what);
}

void Side::note_answered() {
    failing.reset();
    unheard_ms_.reset();
}

std::optional<std::int64_t> Side::silent_since_ms() const {
    if (waiting_.empty()) return std::nullopt;
    return unheard_ms_.value_or(std::max(*waiting_.begin(), heard_ms_));
}

Attempt::Attempt(std::shared_ptr<Side> side)
    : side_(std::move(side)),
      since_(side_->waiting_.insert(now_ms())) {}

Attempt::~Attempt() {
    const auto since = *since_;
    side_->waiting_.erase(since_);
    if (end_ == End::answered) {
        side_->heard_ms_ = now_ms();
        side_->patience_ms = std::max(side_->patience_ms, side_->heard_ms_ - since);
        side_->unheard_ms_.reset();
    } else if (end_ == End::unanswered && !side_->unheard_ms_) {
        side_->unheard_ms_ = std::max(since, side_->heard_ms_);
    }
}

std::shared_ptr<Side> Meters::side(const std::string& name) {
    auto& place = sides_[name];
    if (!place) place = std::make_shared<Side>();
    return place;
}

} // namespace medibridge::figures
