#pragma once

#include "config/source_kind.hpp"
#include "connectors/source/environment.hpp"
#include "connectors/source/source.hpp"

#include <memory>
#include <string_view>
#include <utility>

namespace medibridge::config {
struct SourceSettings;
}

namespace medibridge::connectors {

/// A kind of source: reads its settings and makes sources from them.
class SourceKind : public config::SourceKind {
  public:
    /// `settings` must come from read(). Throws std::invalid_argument for settings that cannot
    /// work; the text names the setting and holds no secret. Throws std::runtime_error for a
    /// certificate or a trust store that cannot be used.
    virtual std::unique_ptr<Source> make(const config::KindSettings& settings,
                                         SourceEnvironment its) const = 0;
};

/// A kind whose settings are a `Settings`.
template <class Settings>
class KindOf final : public SourceKind {
  public:
    using Read = void (*)(config::Section&, Settings&);
    using Make = std::unique_ptr<Source> (*)(const Settings&, SourceEnvironment);

    /// `name` is a literal.
    KindOf(std::string_view name, Read read, Make make) : name_(name), read_(read), make_(make) {}

    std::string_view name() const override { return name_; }
    std::shared_ptr<const config::KindSettings> read(config::Section& section) const override {
        auto settings = std::make_shared<Settings>();
        read_(section, *settings);
        return settings;
    }
    std::unique_ptr<Source> make(const config::KindSettings& settings,
                                 SourceEnvironment its) const override {
        return make_(dynamic_cast<const Settings&>(settings), std::move(its));
    }

  private:
    std::string_view name_;
    Read read_;
    Make make_;
};

/// The source that a section of the configuration describes, made by the kind that read it. That
/// must be a SourceKind. Throws as SourceKind::make().
std::unique_ptr<Source> make_source(const config::SourceSettings& settings, SourceEnvironment its);

} // namespace medibridge::connectors
