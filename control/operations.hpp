#pragma once

#include "control/call.hpp"

/// Internal to the room: the operations, each in a file of its own. docs/control-api.md describes
/// them.
namespace medibridge::control::operations {

runtime::Task<Json> status(Call& call);
runtime::Task<Json> held(Call& call);
runtime::Task<Json> held_show(Call& call);
runtime::Task<Json> why(Call& call);
runtime::Task<Json> find(Call& call);
runtime::Task<Json> show_erasure(Call& call);
runtime::Task<Json> erase(Call& call);
runtime::Task<Json> examine(Call& call);
runtime::Task<Json> known_probe(Call& call);
runtime::Task<Json> probe(Call& call);
runtime::Task<Json> guard(Call& call);
runtime::Task<Json> audit(Call& call);
runtime::Task<Json> audit_verification(Call& call);
runtime::Task<Json> pseudonym(Call& call);
runtime::Task<Json> decider(Call& call);
runtime::Task<Json> state_key(Call& call);

runtime::Task<Json> probe_with_sentinel(Call& call);
runtime::Task<Json> decide(Call& call);
runtime::Task<Json> run_cycle(Call& call);
runtime::Task<Json> make_plan(Call& call);
runtime::Task<Json> apply_plan(Call& call);
runtime::Task<Json> pause(Call& call);
runtime::Task<Json> resume(Call& call);
runtime::Task<Json> backup(Call& call);
runtime::Task<Json> rotate_key(Call& call);

} // namespace medibridge::control::operations
