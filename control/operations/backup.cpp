#include "control/operations.hpp"

namespace medibridge::control::operations {

runtime::Task<Json> backup(Call&) {
    throw Failure(Failure::Kind::not_found, "not served yet");
    co_return Json();
}

} // namespace medibridge::control::operations
