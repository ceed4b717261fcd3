#pragma once

#include "base/http/connection.hpp"
#include "base/http/pending_request.hpp"

#include <deque>
#include <list>
#include <memory>
#include <utility>
#include <vector>

/// Internal to the room.
namespace medibridge::http {

/// A client's connections, each lent to one request at a time, in the order of asking.
class Pool {
  public:
    explicit Pool(Route& route);
    ~Pool();

    /// A free connection, or null if all are lent. The one that was used last comes first, so that
    /// a quiet client lets the others expire.
    Connection* take();
    /// Waits until it is this request's turn. Null if it was interrupted before.
    runtime::Task<Connection*> wait_turn(PendingRequest& request);
    void give_back(Connection* connection);
    void close_idle();

  private:
    class Waiter;

    Route& route_;
    std::vector<std::unique_ptr<Connection>> all_;
    std::deque<Connection*> idle_; ///< the last used one at the end, closed ones at the front
    std::list<Waiter*> waiting_;   ///< empty while a connection is free
};

/// Gives a connection back to its pool when destroyed.
class Lease {
  public:
    Lease(Pool& pool, Connection* connection) : pool_(pool), connection_(connection) {}
    ~Lease() {
        if (connection_ != nullptr) pool_.give_back(connection_);
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    void set(Connection* connection) { connection_ = connection; }
    Connection* get() const { return connection_; }

  private:
    Pool& pool_;
    Connection* connection_;
};

} // namespace medibridge::http
