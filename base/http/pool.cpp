#include "base/http/pool.hpp"

#include "base/runtime/concurrency.hpp"

#include <algorithm>
#include <cassert>

namespace medibridge::http {

/// A place in the queue, until it has a connection or gives up.
class Pool::Waiter final : public Interruptible {
  public:
    explicit Waiter(Pool& pool)
        : turn(pool.route_.executor),
          pool_(pool),
          place_(pool.waiting_.insert(pool.waiting_.end(), this)) {}
    ~Waiter() {
        leave();
        if (connection_ != nullptr) pool_.give_back(connection_);
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    void interrupt() override {
        leave();
        turn.notify();
    }
    void grant(Connection* connection) {
        leave();
        connection_ = connection;
        turn.notify();
    }
    Connection* release() { return std::exchange(connection_, nullptr); }

    runtime::Signal turn;

  private:
    void leave() {
        if (place_ != pool_.waiting_.end()) pool_.waiting_.erase(place_);
        place_ = pool_.waiting_.end();
    }

    Pool& pool_;
    std::list<Waiter*>::iterator place_;
    Connection* connection_ = nullptr;
};

Pool::Pool(Route& route) : route_(route) {
    const auto size = std::max<std::size_t>(route.settings.connections, 1);
    for (std::size_t i = 0; i < size; ++i) {
        all_.push_back(std::make_unique<Connection>(route));
        idle_.push_back(all_.back().get());
    }
}

Pool::~Pool() = default;

Connection* Pool::take() {
    if (idle_.empty()) return nullptr;
    Connection* connection = idle_.back();
    idle_.pop_back();
    return connection;
}

runtime::Task<Connection*> Pool::wait_turn(PendingRequest& request) {
    Waiter waiter(*this);
    request.waits_at(&waiter);
    co_await waiter.turn.wait();
    request.waits_at(nullptr);
    co_return waiter.release();
}

void Pool::give_back(Connection* connection) {
    assert(std::ranges::find(idle_, connection) == idle_.end());
    if (!waiting_.empty())
        waiting_.front()->grant(connection);
    else if (connection->is_open())
        idle_.push_back(connection);
    else
        idle_.push_front(connection);
}

void Pool::close_idle() {
    for (Connection* connection : idle_)
        connection->close();
}

} // namespace medibridge::http
