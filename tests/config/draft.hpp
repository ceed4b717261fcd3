#pragma once

#include "config/load.hpp"
#include "connectors/rest/kind.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace medibridge::config::drafts {

/// The smallest configuration that is accepted, with `extra` lines at its end.
std::string minimal(const std::string& extra = {});

/// `text` with its only `from` replaced; fails the test if it does not stand there once.
std::string edit(std::string text, const std::string& from, const std::string& to);

/// The minimal configuration with further lines in `medicapp`, in the source, in its `fields`.
std::string with_medicapp(const std::string& lines);
std::string with_source(const std::string& lines);
std::string with_field(const std::string& name, const std::string& place);

/// An environment with API_KEY and the given variables.
Environment environment(std::map<std::string, std::string> variables = {});

/// Reads a text; the file is called `m.yaml`, and may name every kind of source that there is.
Loaded load(const std::string& text, const Environment& environment);
Loaded load(const std::string& text);

/// What is wrong with the text, as it is printed.
std::vector<std::string> mistakes(const std::string& text, const Environment& environment);
std::vector<std::string> mistakes(const std::string& text);

/// The settings of a text without mistakes; fails the test if there are any.
Settings settings(const std::string& text, const Environment& environment);
Settings settings(const std::string& text);

/// The keys of the text's first source, which is of that kind.
template <class KindSettings>
KindSettings source(const std::string& text, const Environment& its = environment()) {
    const auto all = settings(text, its).his;
    const auto* found = all.empty() ? nullptr : all.front().its.get();
    return found == nullptr ? KindSettings() : dynamic_cast<const KindSettings&>(*found);
}
connectors::RestSettings rest_source(const std::string& text);

/// That what both leave out has the same default, as far as every configuration has it.
void expect_same_defaults(const Settings& shown, const Settings& plain);

/// Every key that the reader knows, dotted: those of a text in which every optional part stands.
/// Each kind of source has its own in tests/connectors/NAME/all_keys.yaml.
std::set<std::string> all_keys();

/// A file of the source tree.
std::string source_file(const std::string& path);

/// A directory that goes with its contents.
class Directory {
  public:
    Directory();
    ~Directory();
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    std::string path(const std::string& name) const { return (path_ / name).string(); }
    /// Writes a file of that mode and returns its path.
    std::string file(const std::string& name, const std::string& text, unsigned mode = 0600) const;

  private:
    std::filesystem::path path_;
};

} // namespace medibridge::config::drafts
