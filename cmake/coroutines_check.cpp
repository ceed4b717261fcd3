// Statements whose temporaries some compilers destroy twice, or not at all, because they also hold
// co_await: g++ 12 gets the first five wrong, g++ 15 and 16 the structured binding. Run when the
// build is set up; exits with 0 where every object was destroyed exactly once.
#include <coroutine>
#include <cstdio>
#include <exception>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

std::set<const void*> alive;
bool wrong = false;

/// Knows each of its objects.
class Tracked {
  public:
    Tracked() { enter(); }
    explicit Tracked(std::string text) : text_(std::move(text)) { enter(); }
    Tracked(const Tracked& other) : text_(other.text_) { enter(); }
    Tracked(Tracked&& other) noexcept : text_(std::move(other.text_)) { enter(); }
    Tracked& operator=(const Tracked&) = default;
    Tracked& operator=(Tracked&&) = default;
    ~Tracked() {
        if (alive.erase(this) != 1) wrong = true;
    }

  private:
    void enter() {
        if (!alive.insert(this).second) wrong = true;
    }
    std::string text_ = "longer than what a string holds within itself";
};

template <class T>
struct Task {
    struct promise_type {
        std::coroutine_handle<> caller;
        T value{};
        Task get_return_object() {
            return Task(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        auto final_suspend() noexcept {
            struct Back {
                bool await_ready() noexcept { return false; }
                std::coroutine_handle<>
                await_suspend(std::coroutine_handle<promise_type> done) noexcept {
                    const auto caller = done.promise().caller;
                    return caller ? caller : std::noop_coroutine();
                }
                void await_resume() noexcept {}
            };
            return Back();
        }
        void return_value(T result) { value = std::move(result); }
        void unhandled_exception() { std::terminate(); }
    };

    explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    ~Task() {
        if (handle_) handle_.destroy();
    }
    bool await_ready() { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
        handle_.promise().caller = caller;
        return handle_;
    }
    T await_resume() { return std::move(handle_.promise().value); }
    T run() {
        handle_.resume();
        return std::move(handle_.promise().value);
    }

  private:
    std::coroutine_handle<promise_type> handle_;
};

struct Request {
    Tracked target;
    std::vector<int> pages;
};

struct Pair {
    Tracked first;
    int second = 0;
};

Task<int> send(Request request) {
    co_return static_cast<int>(request.pages.size());
}

Task<int> sum(std::vector<Tracked> all) {
    co_return static_cast<int>(all.size());
}

template <class Function>
Task<int> visit(Function function) {
    co_return function();
}

Task<Pair> pair() {
    co_return Pair{Tracked("a pair that is given by a coroutine"), 2};
}

Task<bool> again(int n) {
    co_return n < 3;
}

Task<int> loop() {
    int n = 0;
    while (n < 10)
        if (!co_await again(n++)) co_return n;
    co_return -1;
}

Task<int> all_shapes() {
    const Tracked captured;
    int count = 0;
    count += co_await send({Tracked(), {}});
    count += co_await send(Request{Tracked("an aggregate in place"), {1, 2}});
    count += co_await sum({Tracked(), Tracked("of a list")});
    count += co_await visit([captured] { return &captured != nullptr ? 1 : 0; });
    count += count > 0 ? co_await send(Request{.target = Tracked(), .pages = {1}}) : 0;
    auto [first, second] = co_await pair();
    count += second + co_await loop();
    co_return count;
}

} // namespace

int main() {
    const int count = all_shapes().run();
    if (!wrong && alive.empty() && count == 12) return 0;
    std::printf("wrong: %d, left: %zu, counted %d\n", wrong ? 1 : 0, alive.size(), count);
    return 1;
}
