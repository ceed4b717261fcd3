#include "sandbox/hl7_sender.hpp"

#include "sandbox/hl7_text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace medibridge::sandbox {

namespace asio = boost::asio;
using asio::ip::tcp;
using Task = asio::awaitable<void>;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds look_every{200};
constexpr std::chrono::seconds answer_limit{10};
constexpr std::chrono::milliseconds pause_before_again{500};
constexpr std::size_t longest_answer = 1u << 20;
constexpr Millis same_second = 2'000; ///< the HIS's times are whole seconds

std::string read_file(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error(file + ": cannot be read");
    return {std::istreambuf_iterator<char>(in), {}};
}

/// MSA-1 of an answer, whatever its delimiters; empty where there is none.
std::string code_of(const std::string& answer) {
    const auto at = answer.find("\rMSA");
    return at == std::string::npos || at + 7 > answer.size() ? "" : answer.substr(at + 5, 2);
}

} // namespace

class Hl7Sender::Work : public std::enable_shared_from_this<Work> {
  public:
    Work(asio::io_context& io, const Hl7Sending& settings, const HisStore& store,
         std::function<Millis()> now)
        : settings_(settings),
          store_(store),
          now_(std::move(now)),
          socket_(io),
          timer_(io),
          limit_(io) {
        if (settings_.file.empty()) return;
        const auto content = read_file(settings_.file.string());
        for (const auto message : hl7_messages(content))
            queue_.emplace_back(message);
    }

    Task run();
    Hl7Stats stats() const;
    void stop();

  private:
    /// What was told of the patient in a slot.
    struct Told {
        std::string ipp; ///< which an erased patient has no more
        Millis modified = -1;
        bool erased = false;
        std::size_t content = 0;
    };

    void look();
    bool enqueue_change(Slot slot);
    Task pause(std::chrono::milliseconds time);
    Task deliver(const std::string& message);
    Task exchange(const std::string& message, std::string& code);
    Task connect();

    Hl7Sending settings_;
    const HisStore& store_;
    std::function<Millis()> now_;
    tcp::socket socket_;
    asio::steady_timer timer_;
    asio::steady_timer limit_;
    std::deque<std::string> queue_;
    std::vector<Told> told_;
    Hl7Stats stats_;
    std::uint64_t control_ = 0;
    bool stopped_ = false;
};

/// A message is written only when its turn comes, so that it says how the patient is then.
Task Hl7Sender::Work::run() {
    const auto self = shared_from_this();
    while (!stopped_) {
        if (queue_.empty() && settings_.file.empty()) look();
        if (queue_.empty()) {
            co_await pause(look_every);
            continue;
        }
        const std::string message = queue_.front();
        co_await deliver(message);
        if (!stopped_) queue_.pop_front();
    }
}

void Hl7Sender::Work::look() {
    constexpr std::size_t at_once = 100;
    told_.resize(store_.slots());
    for (Slot slot = 0; slot < told_.size() && queue_.size() < at_once; ++slot)
        enqueue_change(slot);
}

bool Hl7Sender::Work::enqueue_change(Slot slot) {
    auto& told = told_[slot];
    const auto& patient = store_[slot];
    const bool recent = patient.modified + same_second >= now_();
    if (told.modified == patient.modified && told.erased == patient.erased && !recent) return false;
    const bool first = told.modified == -1;
    if (patient.erased) {
        const bool news = !first && !told.erased;
        if (news) queue_.push_back(removal_message(told.ipp, ++control_, now_()));
        told.modified = patient.modified;
        told.erased = true;
        return news;
    }
    // Without what differs from message to message.
    const auto content = std::hash<std::string>()(adt_message(patient, first, 0, 0));
    const auto later = std::hash<std::string>()(adt_message(patient, false, 0, 0));
    const bool same = !first && told.content == content;
    told = {std::string(patient.texts[his_field::ipp]), patient.modified, false, later};
    if (same) return false;
    queue_.push_back(adt_message(patient, first, ++control_, now_()));
    return true;
}

Task Hl7Sender::Work::pause(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    co_await timer_.async_wait(with_error);
}

Task Hl7Sender::Work::deliver(const std::string& message) {
    while (!stopped_) {
        std::string code;
        co_await exchange(message, code);
        if (code == "AA" || code == "CA") {
            ++stats_.accepted;
            co_return;
        }
        if (code == "AR" || code == "CR") {
            ++stats_.refused;
            co_return;
        }
        if (stopped_) co_return;
        ++stats_.resent;
        co_await pause(pause_before_again);
    }
}

Task Hl7Sender::Work::exchange(const std::string& message, std::string& code) {
    limit_.expires_after(answer_limit);
    limit_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        const auto self = weak.lock();
        if (error || !self) return;
        boost::system::error_code ignored; // it is given up
        self->socket_.close(ignored);
    });
    if (!socket_.is_open()) co_await connect();
    const auto block = "\v" + message + "\x1c\r";
    std::string answer;
    boost::system::error_code failure = asio::error::not_connected;
    if (socket_.is_open()) {
        const auto bytes = asio::buffer(block);
        auto [error, size] = co_await asio::async_write(socket_, bytes, with_error);
        failure = error;
    }
    if (!failure) {
        auto into = asio::dynamic_buffer(answer, longest_answer);
        const std::string_view mark("\x1c\r", 2);
        auto [error, size] = co_await asio::async_read_until(socket_, into, mark, with_error);
        failure = error;
    }
    limit_.cancel();
    if (!failure) code = code_of(answer);
    boost::system::error_code ignored; // it failed already
    if (failure) socket_.close(ignored);
}

Task Hl7Sender::Work::connect() {
    boost::system::error_code failure;
    const auto address = asio::ip::make_address(settings_.host, failure);
    if (failure) co_return;
    const tcp::endpoint endpoint(address, settings_.port);
    auto [error] = co_await socket_.async_connect(endpoint, with_error);
    boost::system::error_code ignored; // tried again later
    if (error) socket_.close(ignored);
}

Hl7Stats Hl7Sender::Work::stats() const {
    Hl7Stats stats = stats_;
    stats.queued = queue_.size();
    if (!settings_.file.empty()) return stats;
    for (Slot slot = 0; slot < store_.slots(); ++slot) {
        const bool known = slot < told_.size() && told_[slot].modified == store_[slot].modified &&
                           told_[slot].erased == store_[slot].erased;
        if (!known) ++stats.queued;
    }
    return stats;
}

void Hl7Sender::Work::stop() {
    stopped_ = true;
    boost::system::error_code ignored; // nothing can be done about it
    socket_.close(ignored);
    timer_.cancel();
    limit_.cancel();
}

Hl7Sender::Hl7Sender(asio::io_context& io, const Hl7Sending& settings, const HisStore& store,
                     std::function<Millis()> now)
    : work_(std::make_shared<Work>(io, settings, store, std::move(now))) {
    asio::co_spawn(io, work_->run(), asio::detached);
}

Hl7Sender::~Hl7Sender() {
    stop();
}

Hl7Stats Hl7Sender::stats() const {
    return work_->stats();
}

void Hl7Sender::stop() {
    work_->stop();
}

} // namespace medibridge::sandbox
