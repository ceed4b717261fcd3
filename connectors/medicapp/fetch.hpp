#pragma once

#include "base/http/message.hpp"
#include "base/runtime/task.hpp"
#include "connectors/medicapp/values.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors {

class Exchange;

/// What Medicapp says to one GET: any JSON object as it came, or no.
class Fetched {
  public:
    Fetched() = default;

    http::Response response;         ///< empty where it says no
    std::optional<ApiError> refusal; ///< Medicapp's own
};

/// `name` and `about_one`: as of a Call. An error: Medicapp itself has said nothing.
runtime::Task<Reply<Fetched>> fetch(Exchange& exchange, std::string_view name, std::string path,
                                    bool about_one);

} // namespace medibridge::connectors
