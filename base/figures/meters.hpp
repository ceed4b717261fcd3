#pragma once

#include "base/figures/histogram.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace medibridge::figures {

/// Requests that were sent, each attempt counted.
struct Requests {
    /// By method and by what came of it: a status, or the name of a failure without one.
    std::map<std::pair<std::string, std::string>, std::int64_t> answers;
    std::map<std::string, Histogram> durations; ///< in seconds, by method

    void note(const std::string& method, const std::string& code, double seconds);
};

/// Attempts in a row that got no usable answer: the server is not there, or fails. A refusal is an
/// answer.
struct Failing {
    /// Unix time of this machine: since when nobody has answered, or when the first of them failed.
    std::int64_t since_ms = 0;
    std::string what; ///< came of the last one, for an operator
};

/// Files that a source leaves in its folder because it cannot use them now.
struct LeftFiles {
    std::string folder;
    /// How many there are by why they are left, in words for an operator, without a file's name.
    std::map<std::string, std::int64_t> reasons;
};

/// What is counted of one side: Medicapp or a source. No text here comes from its data.
struct Side {
    Requests requests;
    /// Of senders: from a message's last byte to its answer, by the answer's code.
    std::map<std::string, Histogram> acknowledgements;
    /// When the first certificate of its chain ends, as the last TLS connection showed it.
    std::optional<std::chrono::sys_seconds> certificate_ends;
    /// The same of the chain that it is shown where it connects to us.
    std::optional<std::chrono::sys_seconds> own_certificate_ends;
    std::optional<std::chrono::sys_seconds> token_ends; ///< of the access token in use
    std::optional<Failing> failing;                     ///< nothing: the last attempt was answered
    std::optional<LeftFiles> left; ///< nothing: it reads no folder, or cannot list it

    void note_failed(std::string what);
    void note_answered();
    /// Since when the side has said nothing while attempts wait for its answer; nothing: none
    /// waits. Unix time of this machine in milliseconds.
    std::optional<std::int64_t> silent_since_ms() const;
    /// How long an attempt may last without being proof of an outage: as long as one that was
    /// answered, or as a query may take. In milliseconds.
    std::int64_t patience_ms = 0;
    void note_acknowledgement(const std::string& code, double seconds);

  private:
    friend class Attempt;
    std::multiset<std::int64_t> waiting_;    ///< since when each attempt under way has waited
    std::int64_t heard_ms_ = 0;              ///< when the last answer came
    std::optional<std::int64_t> unheard_ms_; ///< since when no attempt that has ended was answered
};

/// An attempt at a side that is under way, from its making to its end.
class Attempt {
  public:
    enum class End : std::uint8_t { answered, unanswered, given_up };

    explicit Attempt(std::shared_ptr<Side> side);
    ~Attempt();
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

    /// Given up, unless that is said.
    void ends(End end) { end_ = end; }

  private:
    std::shared_ptr<Side> side_;
    std::multiset<std::int64_t>::iterator since_;
    End end_ = End::given_up;
};

/// What the service has counted since its start; lasts longer than a configuration.
class Meters {
  public:
    /// Made at the first call; never null.
    std::shared_ptr<Side> side(const std::string& name);
    /// Commits of the state, in seconds until they were durable; never null.
    const std::shared_ptr<Histogram>& commits() const { return commits_; }

  private:
    std::map<std::string, std::shared_ptr<Side>> sides_;
    std::shared_ptr<Histogram> commits_ = std::make_shared<Histogram>(commit_bounds);
};

/// Measures from its making on.
class StopWatch {
  public:
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    }

  private:
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

} // namespace medibridge::figures
