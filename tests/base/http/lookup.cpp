#include "lookup.hpp"

#include <condition_variable>
#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>

namespace medibridge::http::test {
namespace {

struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> addresses;
    bool active = false;
    bool blocked = false;
    int asked = 0;
    int fails = 0;
    int inside = 0;
};

/// Never destroyed: a look-up's thread may still be leaving when the program ends.
State& state() {
    static State* const instance = new State;
    return *instance;
}

} // namespace

Lookup::Lookup() {
    State& shared = state();
    const std::lock_guard lock(shared.mutex);
    shared.active = true;
    shared.blocked = false;
    shared.asked = 0;
    shared.fails = 0;
    shared.addresses.clear();
}

Lookup::~Lookup() {
    State& shared = state();
    std::unique_lock lock(shared.mutex);
    shared.active = false;
    shared.blocked = false;
    shared.changed.notify_all();
    shared.changed.wait(lock, [&] { return shared.inside == 0; });
}

void Lookup::answer(std::vector<std::string> addresses) {
    const std::lock_guard lock(state().mutex);
    state().addresses = std::move(addresses);
}

void Lookup::block() {
    const std::lock_guard lock(state().mutex);
    state().blocked = true;
}

void Lookup::unblock() {
    const std::lock_guard lock(state().mutex);
    state().blocked = false;
    state().changed.notify_all();
}

void Lookup::fail(int number) {
    const std::lock_guard lock(state().mutex);
    state().fails = number;
}

int Lookup::asked() const {
    const std::lock_guard lock(state().mutex);
    return state().asked;
}

/// What getaddrinfo gives for a name below `.test`.
static int look_up(const addrinfo* hints, addrinfo** list,
                   int (*real)(const char*, const char*, const addrinfo*, addrinfo**)) {
    State& shared = state();
    std::unique_lock lock(shared.mutex);
    if (++shared.asked == shared.fails) return EAI_AGAIN;
    ++shared.inside;
    shared.changed.notify_all();
    shared.changed.wait(lock, [&] { return !shared.blocked; });
    // The real one makes the list, so that the real freeaddrinfo can free it.
    addrinfo* first = nullptr;
    addrinfo** end = &first;
    for (const std::string& address : shared.addresses) {
        if (real(address.c_str(), nullptr, hints, end) == 0) end = &(*end)->ai_next;
    }
    --shared.inside;
    shared.changed.notify_all();
    *list = first;
    return first == nullptr ? EAI_NONAME : 0;
}

/// Takes the C library's place in this binary.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** list) {
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
    const std::string text = name != nullptr ? name : "";
    if (text.ends_with(".test") || text.ends_with(".test.")) return look_up(hints, list, real);
    return real(name, service, hints, list);
}

} // namespace medibridge::http::test
