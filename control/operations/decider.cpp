#include "control/operations.hpp"

namespace medibridge::control::operations {

/// Who may not decide does not come so far: see routes.cpp.
runtime::Task<Json> decider(Call& call) {
    call.allow_parameters({});
    co_return Json{{"name", call.person.name}};
}

} // namespace medibridge::control::operations
