#pragma once

#include "base/http/message.hpp"
#include "base/runtime/clock.hpp"

#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>
#include <optional>

/// Internal to the room.
namespace medibridge::http {

/// A place at which a request waits.
class Interruptible {
  public:
    /// Ends the wait soon; the waiter sees a failure.
    virtual void interrupt() = 0;

  protected:
    ~Interruptible() = default;
};

class PendingRequest;

/// The requests that were begun and have not ended, and one timer for all their deadlines.
///
/// All have the same time limit, so they stand in the order of their deadlines, and the timer is
/// set once for the oldest instead of once a request. It does not run while nothing is under way.
class PendingRequests : public std::enable_shared_from_this<PendingRequests> {
  public:
    PendingRequests(boost::asio::any_io_executor executor, runtime::Duration limit);

    /// Interrupts all.
    void abort_all(ErrorKind reason);
    runtime::Duration limit() const { return limit_; }

  private:
    friend class PendingRequest;
    using Places = std::list<PendingRequest*>;

    Places::iterator add(PendingRequest& request);
    void remove(Places::iterator place);
    void arm(std::chrono::steady_clock::time_point deadline);
    void sweep();

    runtime::Duration limit_;
    Places running_;
    boost::asio::steady_timer timer_;
    bool armed_ = false;
};

/// One request from its start to its end: its deadline, and what to interrupt while it waits.
class PendingRequest {
  public:
    explicit PendingRequest(PendingRequests& all);
    ~PendingRequest();
    PendingRequest(const PendingRequest&) = delete;
    PendingRequest& operator=(const PendingRequest&) = delete;

    std::chrono::steady_clock::time_point started() const { return started_; }
    std::chrono::steady_clock::time_point deadline() const { return started_ + all_.limit(); }

    /// Where to interrupt from now on; `place` must live until the next call, or the request's
    /// end.
    void waits_at(Interruptible* place) { place_ = place; }
    void abort(ErrorKind reason);
    bool aborted() const { return reason_.has_value(); }
    /// `error`, or why the request was aborted while it did what `error` says.
    Error explain(Error error) const;

  private:
    friend class PendingRequests;

    PendingRequests& all_;
    std::chrono::steady_clock::time_point started_;
    PendingRequests::Places::iterator entry_;
    Interruptible* place_ = nullptr;
    std::optional<ErrorKind> reason_;
};

} // namespace medibridge::http
