#pragma once

#include "state/facts.hpp"

#include <filesystem>
#include <memory>

namespace medibridge::state {

/// A text to which lines are only ever added. Throws StoreError.
class AppendOnly {
  public:
    virtual ~AppendOnly() = default;
    virtual std::string read() = 0; ///< all of it; empty if there is none yet
    /// Adds to its end, durably: when it returns, the addition survives a power cut. One that fails
    /// may leave part of itself behind.
    virtual void append(const std::string& text) = 0;
};

/// The facts of a state, kept a second time outside its database, to outlive it.
class FactsLog {
  public:
    /// Reads what is there.
    explicit FactsLog(std::unique_ptr<AppendOnly> text);

    /// Writes down what the facts say that was not written before. To be done before the database
    /// is told: what is only here is put there when the state is next opened, while
    /// what is only there would be lost with it.
    void record(const std::vector<Fact>& facts);

    /// What a database that knows `known` has to be told, so that it knows what is written here.
    std::vector<Fact> missing_in(const std::vector<Fact>& known) const;
    /// Writes down what a database knows and this log does not: the log is new, or was lost.
    void take_over(const std::vector<Fact>& known);

  private:
    void append(const std::vector<Fact>& facts);

    std::unique_ptr<AppendOnly> text_;
    FactsText written_;
    bool line_is_open_ = false; ///< the text may not end with a whole line
};

/// The log that belongs to a state file: PATH.facts, mode 0600, made with the first fact.
std::unique_ptr<AppendOnly> facts_beside(const std::filesystem::path& state_file);

} // namespace medibridge::state
