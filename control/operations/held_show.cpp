#include "control/operations.hpp"
#include "control/patient_json.hpp"

#include <utility>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

constexpr const char* not_held =
    "nobody is held under that id: medibridgectl held list shows who is, and medibridgectl why ID "
    "tells of anybody";

} // namespace

Task<Json> held_show(Call& call) {
    call.allow_parameters({});
    const auto& key = call.captured.at(0);
    const auto known = co_await call.backend.database().look_up({key});
    if (!known.front().held) throw Failure(Failure::Kind::not_found, not_held);
    co_await call.note_look(key, "values");
    const auto inquiry = co_await call.backend.inquire(key);
    // The hold may have ended meanwhile.
    if (!inquiry.known.held) throw Failure(Failure::Kind::not_found, not_held);
    auto job = [held = *inquiry.known.held](state::Store& store) {
        return who_ignored(store, {&held});
    };
    const auto ignored = co_await call.backend.database().run(std::move(job));
    co_return inquiry_json(call.backend, inquiry, ignored);
}

} // namespace medibridge::control::operations
