#pragma once

#include "config/fields.hpp"
#include "config/web.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::reconcile {
struct IdentityPolicy;
}

namespace medibridge::config {

class Section;

/// What decides how a source's records are read, as keys of the configuration (`fields.email`,
/// `timezone`) with their values: equal texts, equal reading. No secrets, no addresses.
using Mapping = std::map<std::string, std::string>;

/// Adds where each field stands, as `fields.NAME`.
void add_fields(const FieldPlaces& fields, Mapping& mapping);

/// What the configuration says of one source in the keys of its kind, read and checked.
class KindSettings {
  public:
    virtual ~KindSettings() = default;
    virtual Mapping mapping() const = 0;
    /// Where the fields of a patient are. Null if the kind's own format says that, and with it the
    /// facts that keep a patient out of Medicapp.
    virtual const FieldPlaces* mapped_fields() const { return nullptr; }
    /// The server that the source asks for patients; nothing: it is not asked over HTTP.
    virtual std::optional<HttpServer> server() const { return std::nullopt; }
    /// Where files lie that cannot be read, each with its reason beside it in a file whose name is
    /// longer by reason_ending; empty: the source reads no files.
    virtual std::filesystem::path rejected_folder() const { return {}; }
    static constexpr std::string_view reason_ending = ".reason.txt";
};

/// What decides how the source's records are read: its kind's keys, and those that all kinds share.
Mapping mapping_of(const KindSettings& source, const reconcile::IdentityPolicy& identity);

/// A kind of source, as far as the configuration knows it. Lives as long as the program.
class SourceKind {
  public:
    virtual ~SourceKind() = default;
    /// As `type` names it.
    virtual std::string_view name() const = 0;
    /// Reads the kind's keys of a source's section, and reports what is wrong with them or, without
    /// being a mistake, should be fixed.
    virtual std::shared_ptr<const KindSettings> read(Section& section) const = 0;
};

/// The kinds that a configuration may name, in the order in which they are listed to an operator.
using SourceKinds = std::vector<const SourceKind*>;

} // namespace medibridge::config
