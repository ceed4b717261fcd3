#pragma once

#include "base/http/server.hpp"
#include "base/runtime/task.hpp"
#include "base/runtime/worker.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace medibridge::control {

/// Who asks, and what they may.
struct Person {
    std::int64_t uid = -1; ///< of the process at the other end; -1: not known
    std::string name;      ///< the user's; the number where it has none
    bool may_decide = false;
};

/// For an operator: which of the names are neither a user's nor a group's now, and what that means;
/// empty: each is known. Asks the system's directory service, which may take its time, and knows
/// nobody while it is down.
std::string unknown_deciders(const std::vector<std::string>& may_decide);

/// The same, away from the io thread.
runtime::Task<std::string> find_unknown_deciders(std::vector<std::string> may_decide);

/// What an operator does about unknown_deciders().
inline constexpr const char* remedy_for_unknown_deciders =
    "correct the name, as `id -un` and `id -Gn` show it, or see that the directory service that "
    "has it answers (`getent passwd NAME`, `getent group NAME`)";

/// Finds out who is at the other end of the socket. Everybody who can open it may look; who may
/// decide is said by a list of names of users and groups. Root and the service's own user always
/// may; where the list is empty, everybody.
class Access {
  public:
    /// `own_uid`: the service's own user.
    explicit Access(std::uint32_t own_uid) : own_uid_(own_uid) {}

    /// Looks users and groups up as the system has them now, which may take as long as its
    /// directory service takes; names that do not exist are nobody's.
    runtime::Task<Person> identify(std::optional<http::PeerCredentials> peer,
                                   std::vector<std::string> may_decide);

  private:
    std::uint32_t own_uid_;
    runtime::Worker worker_;
};

} // namespace medibridge::control
