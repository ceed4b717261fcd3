#pragma once

#include "config/document.hpp"
#include "config/report.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::config {

/// A value with its place and its path, for messages.
struct Value {
    const Node* node = nullptr;
    Place place;
    std::string path; ///< dotted: `sync.max_changes.ratio`
};

/// One mapping of the file, read strictly: each key that it may hold is asked for, and the
/// destructor reports the other keys as unknown.
class Section {
  public:
    /// What a mistake's text may repeat: `nothing` if a secret may be there by accident.
    enum class Repeat { keys, nothing };

    /// A value that is not a mapping is reported, and the section is then empty.
    Section(const Value& value, Report& report, Repeat repeat = Repeat::keys);
    ~Section();
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

    /// The key's value, if it stands there; a key without a value is reported.
    std::optional<Value> find(std::string_view key);
    /// The same for a section: a key without a value counts as absent.
    std::optional<Value> find_section(std::string_view key);
    /// The key's value; if it is missing, that is reported with `fix`, which says what to write.
    std::optional<Value> require(std::string_view key, std::string_view fix);

    bool has(std::string_view key) const;
    /// Every key as it stands, for mappings whose keys are not fixed: none is reported as unknown.
    std::span<const Entry> entries();
    /// Whether the value was a mapping at all.
    bool readable() const { return readable_; }
    Report& report() { return report_; }
    const std::string& path() const { return path_; }
    Place place() const { return place_; }

  private:
    const Entry* entry(std::string_view key) const;
    Value value_of(const Entry& entry) const;
    void report_unknown(const Entry& entry) const;

    Report& report_;
    const Node* node_;
    std::string path_;
    Place place_;
    Repeat repeat_;
    bool readable_;
    bool open_ = false; ///< any key may stand here
    std::vector<std::string> asked_;
};

} // namespace medibridge::config
