#include "connectors/hl7v2/kind.hpp"

#include "connectors/hl7v2/mllp_listener.hpp"
#include "connectors/inbox/source.hpp"

namespace medibridge::connectors {

namespace {

std::unique_ptr<Source> make_hl7v2_source(const Hl7Settings& settings, SourceEnvironment its) {
    auto name = its.name;
    auto inbox = its.open_inbox();
    auto listener = std::make_shared<MllpListener>(std::move(its), settings, *inbox);
    return std::make_unique<InboxSource>(std::move(name), std::move(inbox), std::move(listener));
}

} // namespace

const SourceKind& hl7v2_kind() {
    static const KindOf<Hl7Settings> kind("hl7v2", read_settings, make_hl7v2_source);
    return kind;
}

} // namespace medibridge::connectors
