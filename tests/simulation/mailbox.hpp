#pragma once

#include "base/http/transport.hpp"
#include "connectors/source/source.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace medibridge::simulation {

/// What the HIS has pushed, as an inbox keeps it: of each patient the newest, and how much of it
/// was taken. It outlives the processes that read it; that an inbox is durable is tried elsewhere.
class Mailbox {
  public:
    /// What the HIS answers at once, whatever befalls requests.
    using Ask = std::function<http::Result(const http::Request&)>;
    explicit Mailbox(Ask ask) : ask_(std::move(ask)) {}

    /// The HIS's record of the patient is another one now.
    void put(const std::string& external_id) { sequences_[external_id] = ++last_; }
    std::int64_t last() const { return last_; }
    void take(std::int64_t up_to) { taken_ = std::max(taken_, up_to); }
    /// It went with the state: the HIS sends everything again.
    void come_again() { taken_ = 0; }

    /// The HIS's answer, with all of its records, or with those that were not taken.
    http::Result answer(const http::Request& request, bool only_new) const;

  private:
    Ask ask_;
    std::map<std::string, std::int64_t> sequences_; ///< by externalId
    std::int64_t last_ = 0;
    std::int64_t taken_ = 0;
};

/// The HIS's list as a source, over that line.
using MakeList = std::function<std::unique_ptr<connectors::Source>(http::Transport&)>;

/// The source that reads the mailbox, in place of that list. Its records are read as the list's.
std::unique_ptr<connectors::Source> make_pushed_source(Mailbox& mailbox, const MakeList& make_list);

} // namespace medibridge::simulation
