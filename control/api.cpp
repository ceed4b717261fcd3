#include "control/api.hpp"

#include "control/routes.hpp"
#include "state/store.hpp"

#include <exception>
#include <new>
#include <utility>

namespace medibridge::control {

using runtime::Task;

namespace {

constexpr const char* json_type = "application/json";

/// What an exception means for who asked.
Failure failure_of(const std::exception_ptr& error) {
    using Kind = Failure::Kind;
    try {
        std::rethrow_exception(error);
    } catch (const Failure& failure) {
        return failure;
    } catch (const Unavailable& failure) {
        return {Kind::unavailable, failure.what()};
    } catch (const state::StoreError& failure) {
        using Store = state::StoreError::Kind;
        const bool passes = failure.kind() == Store::unavailable || failure.kind() == Store::locked;
        return {passes ? Kind::unavailable : Kind::internal, failure.what()};
    } catch (const std::exception& failure) {
        return {Kind::internal, failure.what()};
    } catch (...) {
        return {Kind::internal, "unknown failure"};
    }
}

/// What a server's own refusal means in the API's words.
Failure::Kind kind_of_status(int status) {
    if (status == 503) return Failure::Kind::unavailable;
    return status >= 500 ? Failure::Kind::internal : Failure::Kind::usage;
}

Task<Json> run(const http::ServerRequest& request, http::ResponseWriter& writer, Backend& backend,
               Access& access) {
    auto found = find_route(request.method, request.path);
    if (!found.route && found.methods.empty())
        throw Failure(Failure::Kind::not_found, "there is no such path: see docs/control-api.md");
    if (!found.route)
        throw Failure(Failure::Kind::usage,
                      "this path knows " + found.methods + ", not the method that was used");
    auto person = co_await access.identify(request.peer, backend.settings().control.decide);
    if (found.route->right == Right::decide && !person.may_decide)
        throw Failure(Failure::Kind::forbidden,
                      person.name + " may look but not decide: control.decide in the "
                                    "configuration names who may");
    Call call{backend, request, writer, std::move(person), std::move(found.captured)};
    co_return co_await found.route->operation(call);
}

} // namespace

Task<void> Api::handle(const http::ServerRequest& request, http::ResponseWriter& writer) {
    Json result;
    std::exception_ptr error;
    try {
        result = co_await run(request, writer, *backend_, access_);
    } catch (...) {
        error = std::current_exception();
    }
    int status = 200;
    if (error) {
        const auto failure = failure_of(error);
        status = status_of(failure.kind());
        result = error_json(failure.kind(), failure.what());
        if (!failure.guards().is_null()) result["error"]["guards"] = failure.guards();
    }
    address_commands(result, backend_->config_file());
    if (!writer.begun()) {
        co_await writer.answer(status, json_type, text_of(result) + "\n");
        co_return;
    }
    if (!error) result = Json{{"result", std::move(result)}};
    co_await writer.line(text_of(result));
}

http::RefusalBody refusal_body(int status, const std::string& why) {
    return {json_type, text_of(error_json(kind_of_status(status), why)) + "\n"};
}

} // namespace medibridge::control
