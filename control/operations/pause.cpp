#include "control/operations.hpp"

namespace medibridge::control::operations {

using runtime::Task;

Task<Json> pause(Call& call) {
    call.allow_parameters({});
    const auto body = call.body({"until"});
    Pause pause;
    if (const auto until = text_in(body, "until")) {
        pause.until_ms = time_of(*until, "until");
        if (*pause.until_ms <= call.backend.now_ms())
            throw Failure(Failure::Kind::usage, "`until` is not in the future");
    }
    co_await call.backend.pause(pause, {});
    Json it;
    it["paused"] = true;
    it["until"] = time_json(pause.until_ms);
    co_return it;
}

Task<Json> resume(Call& call) {
    call.allow_parameters({});
    call.body({});
    co_await call.backend.resume({});
    co_return Json{{"paused", false}};
}

} // namespace medibridge::control::operations
