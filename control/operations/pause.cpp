#include "control/operations.hpp"

#include <utility>

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
    state::Batch batch;
    batch.audit(call.audit_entry("paused", pause.until_ms ? "until " + *text_in(body, "until")
                                                          : "until resumed"));
    co_await call.backend.pause(pause, std::move(batch));
    Json it;
    it["paused"] = true;
    it["until"] = time_json(pause.until_ms);
    co_return it;
}

Task<Json> resume(Call& call) {
    call.allow_parameters({});
    call.body({});
    state::Batch batch;
    batch.audit(call.audit_entry("resumed", {}));
    co_await call.backend.resume(std::move(batch));
    co_return Json{{"paused", false}};
}

} // namespace medibridge::control::operations
