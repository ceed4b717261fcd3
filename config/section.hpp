#pragma once

#include "config/document.hpp"
#include "config/report.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::config {

/// A value together with where it is reported and what it is called.
struct Value {
    const Node* node = nullptr;
    Place place;
    std::string path; ///< dotted: `sync.max_changes.ratio`
};

/// One mapping of the file, read strictly: each key that may stand in it is asked for, and what
/// was not asked for by the end of the section's life is reported as unknown.
class Section {
  public:
    /// What may be repeated in a mistake's text: `nothing` where a secret may stand by accident.
    enum class Repeat { keys, nothing };

    /// A value that is not a mapping is reported, and the section is then empty.
    Section(const Value& value, Report& report, Repeat repeat = Repeat::keys);
    ~Section();
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

    /// The key's value, if it stands there; a key without a value is reported.
    std::optional<Value> find(std::string_view key);
    /// The same for what holds keys itself: a key without a value is as good as absent.
    std::optional<Value> find_section(std::string_view key);
    /// The key's value; its absence is reported with `mend`, which says what to write.
    std::optional<Value> require(std::string_view key, std::string_view mend);

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
