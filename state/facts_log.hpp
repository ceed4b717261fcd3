#pragma once

#include "state/facts.hpp"

#include <filesystem>
#include <memory>

namespace medibridge::state {

/// A text that only grows, line by line. Throws StoreError.
class AppendOnly {
  public:
    virtual ~AppendOnly() = default;
    virtual std::string read() = 0; ///< all of it; empty if there is none yet
    /// Adds to its end, durably: when it returns, the addition survives a power cut. One that fails
    /// may leave part of itself behind.
    virtual void append(const std::string& text) = 0;
};

/// The facts of a state, stored a second time outside its database, to outlive it.
class FactsLog {
  public:
    /// Reads what is there.
    explicit FactsLog(std::unique_ptr<AppendOnly> text);

    /// Writes those of the facts that are news. Call it before the database commits: a fact that is
    /// only in the log reaches the database when the state is next opened, but one that is only in
    /// the database would be lost with it.
    void record(const std::vector<Fact>& facts);

    /// The facts that a database that knows `known` lacks.
    std::vector<Fact> missing_in(const std::vector<Fact>& known) const;
    /// Writes the facts that a database knows and this log does not: the log is new, or was lost.
    void take_over(const std::vector<Fact>& known);

  private:
    void append(const std::vector<Fact>& facts);

    std::unique_ptr<AppendOnly> text_;
    FactsText written_;
    bool line_is_open_ = false; ///< the text may end within a line
};

/// The log that belongs to a state file: PATH.facts, mode 0600, made with the first fact.
std::unique_ptr<AppendOnly> facts_beside(const std::filesystem::path& state_file);

} // namespace medibridge::state
