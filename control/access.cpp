#include "control/access.hpp"

#include <algorithm>
#include <cerrno>
#include <grp.h>
#include <pwd.h>
#include <set>
#include <sys/types.h>
#include <utility>

namespace medibridge::control {

namespace {

constexpr std::size_t most_account_bytes = 1u << 20;
constexpr int first_groups = 64;
constexpr int most_groups = 65'536;

struct Account {
    std::string name;
    gid_t group = 0;
};

/// Calls `look_up(buffer, size)`, which gives an error number, with as much room as it needs.
template <class LookUp>
bool with_room(const LookUp& look_up) {
    std::vector<char> buffer(1024);
    int error = look_up(buffer.data(), buffer.size());
    while (error == ERANGE && buffer.size() < most_account_bytes) {
        buffer.resize(buffer.size() * 2);
        error = look_up(buffer.data(), buffer.size());
    }
    return error == 0;
}

std::optional<Account> account_of(uid_t uid) {
    std::optional<Account> account;
    with_room([&](char* buffer, std::size_t size) {
        passwd entry{};
        passwd* found = nullptr;
        const int error = ::getpwuid_r(uid, &entry, buffer, size, &found);
        if (error == 0 && found != nullptr) account = Account{entry.pw_name, entry.pw_gid};
        return error;
    });
    return account;
}

bool is_user(const std::string& name) {
    bool is_known = false;
    with_room([&](char* buffer, std::size_t size) {
        passwd entry{};
        passwd* found = nullptr;
        const int error = ::getpwnam_r(name.c_str(), &entry, buffer, size, &found);
        is_known = error == 0 && found != nullptr;
        return error;
    });
    return is_known;
}

std::optional<gid_t> group_named(const std::string& name) {
    std::optional<gid_t> number;
    with_room([&](char* buffer, std::size_t size) {
        group entry{};
        group* found = nullptr;
        const int error = ::getgrnam_r(name.c_str(), &entry, buffer, size, &found);
        if (error == 0 && found != nullptr) number = entry.gr_gid;
        return error;
    });
    return number;
}

std::set<gid_t> groups_of(const Account& account) {
    int count = first_groups;
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    while (::getgrouplist(account.name.c_str(), account.group, groups.data(), &count) < 0 &&
           count <= most_groups)
        groups.resize(static_cast<std::size_t>(count));
    groups.resize(
        static_cast<std::size_t>(std::clamp<int>(count, 0, static_cast<int>(groups.size()))));
    return {groups.begin(), groups.end()};
}

bool is_named(const Account& account, const std::vector<std::string>& names) {
    if (std::ranges::find(names, account.name) != names.end()) return true;
    const auto groups = groups_of(account);
    return std::ranges::any_of(names, [&](const std::string& name) {
        const auto number = group_named(name);
        return number && groups.contains(*number);
    });
}

Person person_of(const http::PeerCredentials& peer, std::uint32_t own_uid,
                 const std::vector<std::string>& names) {
    const auto account = account_of(peer.uid);
    Person person;
    person.uid = peer.uid;
    person.name = account ? account->name : std::to_string(peer.uid);
    person.may_decide = peer.uid == 0 || peer.uid == own_uid || names.empty() ||
                        (account && is_named(*account, names));
    return person;
}

} // namespace

std::string unknown_deciders(const std::vector<std::string>& may_decide) {
    std::string unknown;
    std::size_t count = 0;
    for (const auto& name : may_decide) {
        if (is_user(name) || group_named(name)) continue;
        unknown += (count++ == 0 ? "`" : ", `") + name + "`";
    }
    if (count == 0) return {};
    return "`control.decide` names " + unknown +
           ", and this machine knows no such user or group now: nobody may decide by it" +
           (count < may_decide.size()
                ? ""
                : ", and nobody at all may but root and the service's own user");
}

runtime::Task<std::string> find_unknown_deciders(std::vector<std::string> may_decide) {
    if (may_decide.empty()) co_return std::string();
    runtime::Worker worker;
    auto job = [names = std::move(may_decide)] { return unknown_deciders(names); };
    co_return co_await worker.run(std::move(job));
}

runtime::Task<Person> Access::identify(std::optional<http::PeerCredentials> peer,
                                       std::vector<std::string> may_decide) {
    if (!peer) co_return Person{};
    auto job = [who = *peer, own = own_uid_, names = std::move(may_decide)] {
        return person_of(who, own, names);
    };
    co_return co_await worker_.run(std::move(job));
}

} // namespace medibridge::control
