#include "connectors/kinds/kinds.hpp"

#include "connectors/csv/kind.hpp"
#include "connectors/fhir/kind.hpp"
#include "connectors/hl7v2/kind.hpp"
#include "connectors/rest/kind.hpp"
#include "connectors/sql/kind.hpp"

namespace medibridge::connectors {

const config::SourceKinds& source_kinds() {
    static const config::SourceKinds kinds = {
        &rest_kind(), &fhir_kind(), &sql_kind(), &csv_kind(), &hl7v2_kind(),
    };
    return kinds;
}

} // namespace medibridge::connectors
