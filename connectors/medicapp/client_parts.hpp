#pragma once

#include "connectors/medicapp/client.hpp"
#include "connectors/medicapp/exchange.hpp"
#include "connectors/medicapp/form_choice.hpp"

#include <string>
#include <utility>

namespace medibridge::connectors {

/// What a client is made of.
struct MedicappClient::Parts {
    Parts(http::Transport& transport, runtime::Clock& clock, log::EventLog& log,
          MedicappClientSettings settings)
        : form(exchange, log, settings.representation, settings.fhir, settings.form_known),
          base_path(settings.base_path),
          counts_records(settings.counts_records),
          exchange(transport, clock, log, std::move(settings)) {}

    FormChoice form;
    std::string base_path;
    bool counts_records;
    Exchange exchange;
};

} // namespace medibridge::connectors
