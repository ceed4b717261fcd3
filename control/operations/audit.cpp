#include "control/operations.hpp"

namespace medibridge::control::operations {

runtime::Task<Json> audit(Call&) {
    throw Failure(Failure::Kind::not_found, "not served yet");
    co_return Json();
}

runtime::Task<Json> audit_verification(Call&) {
    throw Failure(Failure::Kind::not_found, "not served yet");
    co_return Json();
}

} // namespace medibridge::control::operations
