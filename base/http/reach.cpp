#include "base/http/reach.hpp"

#include "base/http/connection.hpp"
#include "base/http/pending_request.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

namespace medibridge::http {

namespace {

std::unique_ptr<Route> route_to(const boost::asio::any_io_executor& executor,
                                ClientSettings settings, Reach& found) {
    try {
        return std::make_unique<Route>(executor, std::move(settings));
    } catch (const std::runtime_error& failure) {
        found.failure = Error(ErrorKind::tls, false, failure.what());
        return nullptr;
    }
}

} // namespace

runtime::Task<Reach> reach(boost::asio::any_io_executor executor, ClientSettings settings) {
    Reach found;
    const auto route = route_to(executor, std::move(settings), found);
    if (!route) co_return found;
    const auto all = std::make_shared<PendingRequests>(executor, route->settings.timeout);
    Connection connection(*route);
    PendingRequest pending(*all);
    pending.waits_at(&connection);
    auto failure = co_await connection.open(pending.deadline());
    if (failure) {
        found.failure = pending.explain(std::move(*failure));
        co_return found;
    }
    found.certificate_ends = connection.certificate_end();
    connection.close();
    co_return found;
}

} // namespace medibridge::http
