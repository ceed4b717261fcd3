#pragma once

#include "sandbox/exchange.hpp"
#include "sandbox/packing.hpp"
#include "sandbox/random.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::sandbox {

enum class Side : std::uint8_t { medicapp, his };
std::string_view name(Side side);

enum class FaultKind : std::uint8_t {
    status,   ///< a JSON error of the side itself
    gateway,  ///< an HTML page of a proxy or a firewall
    reset,    ///< no answer, the connection is reset
    close,    ///< no answer, the connection is closed
    hang,     ///< no answer, and the connection stays open
    truncate, ///< half of the answer, then the connection is closed
    html,     ///< 200 with an HTML page
    garbage,  ///< 200 with something that is not JSON
    empty,    ///< 200 without a body
    slow,     ///< the right answer, but late
    pack,     ///< the right answer, packed though nobody asked for it
};

/// One line of the fault script: `[SIDE/]REQUEST[@PATIENT]:WHEN:WHAT`.
///
/// SIDE `medicapp` (default) or `his`. REQUEST `ANY GET POST PUT DELETE`, `WRITE` (the last three),
/// `LIST` (a GET of the list) or `ITEM` (a GET of one patient). PATIENT the externalId of the one
/// whom the request is about, in Medicapp only. WHEN `5` (the fifth such request since the rule was
/// set), `5-9`, `5+`, or `2%` (each with that probability). WHAT a status from 400 to 599 (502,
/// 503, 504 come as a proxy's HTML), `html=STATUS` (any of them as HTML), `reset`, `close`, `hang`,
/// `html`, `empty`, each also with `-before` (default) or `-after` the request takes effect;
/// `truncate`, `garbage`, `gzip`, `deflate`, `slow=MS`.
class FaultRule {
  public:
    /// Throws std::invalid_argument that says what is wrong with the text.
    explicit FaultRule(const std::string& text);

    /// Counts the request if it is of the rule's kind; true if the rule strikes.
    bool strikes(Side side, Verb verb, bool list, std::string_view patient, Random& random);

    FaultKind kind() const { return kind_; }
    bool after() const { return after_; }
    unsigned status() const { return status_; }
    Millis delay() const { return delay_; }
    Packing packing() const { return packing_; }
    /// Whom a request must be about; empty: anybody.
    const std::string& patient() const { return patient_; }
    const std::string& text() const { return text_; }
    std::uint64_t seen() const { return seen_; }
    std::uint64_t hits() const { return hits_; }

  private:
    void read_request(std::string_view text);
    void read_when(std::string_view text);
    void read_what(std::string_view text);
    bool takes(Verb verb, bool list) const;

    std::string text_;
    Side side_ = Side::medicapp;
    std::string request_;
    std::string patient_;
    std::uint64_t first_ = 1;
    std::uint64_t last_ = std::numeric_limits<std::uint64_t>::max();
    double probability_ = 1;
    FaultKind kind_ = FaultKind::status;
    bool after_ = false;
    unsigned status_ = 0;
    Millis delay_ = 0;
    Packing packing_ = Packing::gzip;
    std::uint64_t seen_ = 0;
    std::uint64_t hits_ = 0;
};

/// What is to happen to one request.
struct Fault {
    bool strikes = false; ///< false: only the delay counts
    FaultKind kind = FaultKind::status;
    bool after = false;
    unsigned status = 0;
    Millis delay = 0;
    Packing packing = Packing::gzip;
};

/// All rules. The first rule that strikes wins; delays add up.
class FaultScript {
  public:
    explicit FaultScript(std::uint64_t seed) : random_(seed) {}

    /// Replaces all rules; counting starts again. Throws std::invalid_argument, and then
    /// changes nothing.
    void replace(const std::vector<std::string>& texts);
    /// `patient`: the externalId of the one whom the request is about.
    Fault next(Side side, Verb verb, bool list, std::string_view patient = {});
    /// Whether a rule asks whom a request is about.
    bool names_patients() const;
    std::span<const FaultRule> rules() const { return rules_; }

  private:
    Random random_;
    std::vector<FaultRule> rules_;
};

} // namespace medibridge::sandbox
