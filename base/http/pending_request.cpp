#include "base/http/pending_request.hpp"

#include <iterator>

namespace medibridge::http {

PendingRequests::PendingRequests(boost::asio::any_io_executor executor, runtime::Duration limit)
    : limit_(limit),
      timer_(std::move(executor)) {}

PendingRequests::Places::iterator PendingRequests::add(PendingRequest& request) {
    Places added{&request};
    if (!armed_) arm(request.deadline());
    // Only now: if that throws, the request does not exist.
    running_.splice(running_.end(), added);
    return std::prev(running_.end());
}

void PendingRequests::remove(Places::iterator place) {
    running_.erase(place);
    if (!running_.empty() || !armed_) return;
    armed_ = false;
    timer_.cancel();
}

void PendingRequests::arm(std::chrono::steady_clock::time_point deadline) {
    timer_.expires_at(deadline);
    // A handler that is already queued cannot be cancelled: it may outlive this object.
    timer_.async_wait([self = weak_from_this()](const boost::system::error_code& failure) {
        const auto pending = self.lock();
        if (pending && !failure) pending->sweep();
    });
    armed_ = true;
}

void PendingRequests::sweep() {
    const auto now = std::chrono::steady_clock::now();
    for (PendingRequest* request : running_) {
        if (request->deadline() > now) break;
        request->abort(ErrorKind::timeout);
    }
    // Aborted ones leave as soon as their coroutines run; until then they are not waited for.
    while (!running_.empty() && running_.front()->aborted()) {
        running_.front()->entry_ = running_.end();
        running_.pop_front();
    }
    armed_ = false;
    if (!running_.empty()) arm(running_.front()->deadline());
}

void PendingRequests::abort_all(ErrorKind reason) {
    for (PendingRequest* request : running_)
        request->abort(reason);
}

PendingRequest::PendingRequest(PendingRequests& all)
    : all_(all),
      started_(std::chrono::steady_clock::now()),
      entry_(all.add(*this)) {}

PendingRequest::~PendingRequest() {
    if (entry_ != all_.running_.end()) all_.remove(entry_);
}

void PendingRequest::abort(ErrorKind reason) {
    if (reason_) return;
    reason_ = reason;
    if (place_ != nullptr) place_->interrupt();
}

Error PendingRequest::explain(Error error) const {
    if (!reason_) return error;
    error.kind = *reason_;
    error.what =
        *reason_ == ErrorKind::timeout
            ? "no answer within " + std::to_string(all_.limit().count()) + " ms: " + error.what
            : "cancelled: " + error.what;
    return error;
}

} // namespace medibridge::http
