#include "connectors/csv/kind.hpp"

#include "connectors/csv/drop_folder.hpp"
#include "connectors/inbox/source.hpp"

namespace medibridge::connectors {

namespace {

std::unique_ptr<Source> make_csv_source(const CsvSettings& settings, SourceEnvironment its) {
    auto name = its.name;
    auto inbox = its.open_inbox();
    auto directory = std::make_unique<DropDirectory>(settings.directory, settings.pattern);
    auto folder =
        std::make_shared<DropFolder>(std::move(its), settings, std::move(directory), *inbox);
    return std::make_unique<InboxSource>(std::move(name), std::move(inbox), std::move(folder));
}

} // namespace

const SourceKind& csv_kind() {
    static const KindOf<CsvSettings> kind("csv", read_settings, make_csv_source);
    return kind;
}

} // namespace medibridge::connectors
