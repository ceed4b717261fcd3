#include "connectors/sql/kind.hpp"

#include "connectors/sql/source.hpp"

namespace medibridge::connectors {
namespace {

std::unique_ptr<Source> make_sql_source(const SqlSettings& settings, SourceEnvironment its) {
    return std::make_unique<SqlSource>(std::move(its), settings);
}

} // namespace

const SourceKind& sql_kind() {
    static const KindOf<SqlSettings> kind("sql", read_settings, make_sql_source);
    return kind;
}

} // namespace medibridge::connectors
