#include "base/http/client.hpp"

#include "base/http/pool.hpp"
#include "base/http/request_text.hpp"

namespace medibridge::http {
namespace {

RequestFrame frame_for(const ClientSettings& settings) {
    const bool absolute = settings.proxy && !settings.origin.secure();
    // With CONNECT the credentials belong to the tunnel, and the origin must not see them.
    const std::string none;
    return make_frame(settings.origin.authority(), absolute,
                      absolute ? settings.proxy->authorization() : none);
}

/// Whether a request that failed on a kept-alive connection may be sent again: the server cannot
/// have received all of it, or it does no harm if it has.
bool may_repeat(const Connection& connection, const Request& request, const Error& error) {
    if (error.kind != ErrorKind::closed || connection.heard()) return false;
    return !connection.sent() || request.method == Method::get;
}

/// How a failure without a status is counted.
std::string code_of(const Error& error) {
    return std::string(name(error.kind));
}

} // namespace

struct Client::Impl {
    Impl(boost::asio::any_io_executor executor, ClientSettings settings)
        : route(executor, std::move(settings)),
          frame(frame_for(route.settings)),
          all_pending(std::make_shared<PendingRequests>(executor, route.settings.timeout)),
          pool(route) {}

    static runtime::Task<Result> send_counted(std::shared_ptr<Impl> self, Request request);
    static runtime::Task<Result> send(std::shared_ptr<Impl> self, const Request& request);
    runtime::Task<Result> send_over(Connection& connection, const Request& request,
                                    const PendingRequest& pending);

    Route route;
    RequestFrame frame;
    std::shared_ptr<PendingRequests> all_pending;
    Pool pool;
    bool cancelled = false;
};

runtime::Task<Result> Client::Impl::send_counted(std::shared_ptr<Impl> self, Request request) {
    const figures::StopWatch watch;
    figures::Attempt attempt(self->route.settings.figures);
    auto result = co_await send(self, request);
    const bool unsent = !result && (result.error().kind == ErrorKind::cancelled ||
                                    result.error().kind == ErrorKind::invalid);
    if (!unsent) {
        attempt.ends(result ? figures::Attempt::End::answered : figures::Attempt::End::unanswered);
        auto code = result ? std::to_string(result->status) : code_of(result.error());
        self->route.settings.figures->requests.note(std::string(name(request.method)), code,
                                                    watch.seconds());
    }
    co_return result;
}

runtime::Task<Result> Client::Impl::send(std::shared_ptr<Impl> self, const Request& request) {
    if (self->cancelled)
        co_return std::unexpected(Error(ErrorKind::cancelled, false, "the client is stopped"));
    const std::string_view wrong = defect(request);
    if (!wrong.empty())
        co_return std::unexpected(Error(ErrorKind::invalid, false, std::string(wrong)));

    PendingRequest pending(*self->all_pending);
    Lease lease(self->pool, self->pool.take());
    if (lease.get() == nullptr) lease.set(co_await self->pool.wait_turn(pending));
    if (lease.get() == nullptr || pending.aborted())
        co_return std::unexpected(pending.explain(
            Error(ErrorKind::cancelled, false, "while waiting for a free connection")));

    Connection& connection = *lease.get();
    pending.waits_at(&connection);
    Result result = co_await self->send_over(connection, request, pending);
    if (!result) co_return std::unexpected(pending.explain(result.error()));
    co_return std::move(result);
}

runtime::Task<Result> Client::Impl::send_over(Connection& connection, const Request& request,
                                              const PendingRequest& pending) {
    bool kept = connection.alive(std::chrono::steady_clock::now());
    for (;;) {
        if (!kept) {
            auto failure = co_await connection.open(pending.deadline());
            if (failure) co_return std::unexpected(std::move(*failure));
            route.settings.figures->certificate_ends = connection.certificate_end();
        }
        write_request(request, frame, connection.outgoing());
        Result result = co_await connection.round_trip();
        if (!kept || result || pending.aborted() ||
            !may_repeat(connection, request, result.error()))
            co_return std::move(result);
        kept = false;
    }
}

Client::Client(boost::asio::any_io_executor executor, ClientSettings settings)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(settings))) {}

Client::~Client() {
    cancel();
}

runtime::Task<Result> Client::send(Request request) {
    return Impl::send_counted(impl_, std::move(request));
}

void Client::cancel() {
    impl_->cancelled = true;
    impl_->all_pending->abort_all(ErrorKind::cancelled);
    impl_->pool.close_idle();
}

} // namespace medibridge::http
