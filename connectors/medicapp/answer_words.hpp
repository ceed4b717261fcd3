#pragma once

#include "base/http/message.hpp"
#include "connectors/medicapp/verdict.hpp"

#include <string>

namespace medibridge::connectors {

/// What an answer that is not Medicapp's own word seems to be, and what fixes it: fixed words, and
/// of a redirection's address nothing that could name a patient.
std::string words_for(const Call& call, const http::Response& response);

} // namespace medibridge::connectors
