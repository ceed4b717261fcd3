#include "kind.hpp"

#include "source.hpp"

namespace medibridge::connectors {
namespace {

std::unique_ptr<Source> make_ndjson_source(const NdjsonSettings& settings, SourceEnvironment its) {
    return std::make_unique<NdjsonSource>(std::move(its), settings);
}

} // namespace

const SourceKind& ndjson_kind() {
    static const KindOf<NdjsonSettings> kind("ndjson", read_settings, make_ndjson_source);
    return kind;
}

} // namespace medibridge::connectors
