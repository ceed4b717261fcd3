#include "connectors/medicapp/values.hpp"

#include <cstdlib>

namespace medibridge::connectors {

std::string_view name(Failure failure) {
    switch (failure) {
    case Failure::rejected:
        return "rejected";
    case Failure::unauthorized:
        return "unauthorized";
    case Failure::refused:
        return "refused";
    case Failure::not_found:
        return "not_found";
    case Failure::conflict:
        return "conflict";
    case Failure::unavailable:
        return "unavailable";
    case Failure::unknown:
        return "unknown";
    case Failure::cancelled:
        return "cancelled";
    }
    std::abort();
}

} // namespace medibridge::connectors
