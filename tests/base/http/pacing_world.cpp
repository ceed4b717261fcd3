#include "pacing_world.hpp"

#include "base/http/timing_headers.hpp"

#include <array>
#include <cmath>
#include <ctime>
#include <deque>
#include <queue>
#include <random>
#include <vector>

namespace medibridge::test {
namespace {

using http::Moment;
using http::Pacing;
using std::chrono::milliseconds;

/// The server's Unix time when the model begins; the client's clock knows nothing of it.
constexpr std::int64_t server_epoch = 1'893'456'000;
/// The client's monotonic clock when the model begins.
constexpr std::int64_t client_epoch_ms = 5'000'000;

Moment moment(double now) {
    return Moment(milliseconds(client_epoch_ms + static_cast<std::int64_t>(now * 1000 + 1e-6)));
}
double seconds(Moment when) {
    return static_cast<double>(when.time_since_epoch().count() - client_epoch_ms) / 1000;
}

struct Step {
    enum class Kind { arrives, answered, wakes };
    double at;
    Kind kind;
    std::size_t client;
    Pacing::Permit permit;
    std::optional<double> refused_for;

    bool operator<(const Step& other) const { return at > other.at; }
};

struct Client {
    explicit Client(const Pacing::Settings& settings) : pacing(settings) {}
    Pacing pacing;
    int idle = 0; ///< requests that want to go
    bool sleeping = false;
};

class World {
  public:
    World(ModelServer& server, const WorldSettings& settings)
        : server_(server),
          settings_(settings),
          random_(settings.seed) {
        outcome_.taken_of.resize(static_cast<std::size_t>(settings.clients));
        for (int i = 0; i < settings.clients; ++i) {
            Pacing::Settings pacing;
            pacing.seed = settings.seed * 100 + static_cast<std::uint64_t>(i);
            pacing.rate_limit = settings.rate_limit;
            clients_.emplace_back(pacing).idle = settings.concurrency;
        }
    }

    Outcome run() {
        for (std::size_t i = 0; i < clients_.size(); ++i)
            send_from(i);
        const double end = settings_.warm_up_s + settings_.measured_s;
        while (!steps_.empty() && steps_.top().at < end) {
            const auto step = steps_.top();
            steps_.pop();
            now_ = step.at;
            take(step);
        }
        outcome_.seconds = settings_.measured_s;
        return outcome_;
    }

  private:
    void take(Step step) {
        auto& client = clients_[step.client];
        switch (step.kind) {
        case Step::Kind::wakes:
            client.sleeping = false;
            break;
        case Step::Kind::arrives:
            step.refused_for = server_.refuse(now_);
            note(!step.refused_for, step.client);
            step.kind = Step::Kind::answered;
            step.at = now_ + half_latency();
            steps_.push(step);
            return;
        case Step::Kind::answered:
            client.pacing.settle(step.permit,
                                 step.refused_for ? Pacing::Answer::refused : Pacing::Answer::taken,
                                 told(step.refused_for), moment(now_));
            ++client.idle;
            break;
        }
        send_from(step.client);
    }

    void send_from(std::size_t index) {
        auto& client = clients_[index];
        while (client.idle > 0 && !client.sleeping) {
            ++outcome_.decisions;
            const auto turn = client.pacing.turn(moment(now_));
            if (turn.kind == Pacing::Turn::Kind::after_answer) return;
            if (turn.kind == Pacing::Turn::Kind::at) {
                client.sleeping = true;
                steps_.push({seconds(turn.when), Step::Kind::wakes, index, {}, {}});
                return;
            }
            --client.idle;
            const auto permit = client.pacing.take(moment(now_));
            steps_.push({now_ + half_latency(), Step::Kind::arrives, index, permit, {}});
        }
    }

    double half_latency() {
        std::uniform_real_distribution<double> factor(1 - settings_.jitter, 1 + settings_.jitter);
        return settings_.latency_s / 2 * factor(random_);
    }

    void note(bool taken, std::size_t client) {
        if (now_ < settings_.warm_up_s) return;
        ++(taken ? outcome_.taken : outcome_.refused);
        outcome_.taken_of[client] += taken ? 1 : 0;
        arrivals_.push_back(now_);
        while (arrivals_.front() <= now_ - 1)
            arrivals_.pop_front();
        outcome_.most_in_a_second =
            std::max(outcome_.most_in_a_second, static_cast<std::int64_t>(arrivals_.size()));
    }

    std::optional<milliseconds> told(std::optional<double> refused_for) const {
        if (!refused_for) return std::nullopt;
        const auto whole = static_cast<std::int64_t>(std::ceil(*refused_for));
        const auto unix_time = server_epoch + static_cast<std::int64_t>(now_ + *refused_for);
        const std::string date = http_date(now_);
        std::string value;
        http::PacingHeaders headers;
        headers.date = date;
        switch (settings_.tells) {
        case Tells::nothing:
            break;
        case Tells::seconds:
            value = std::to_string(whole);
            headers.retry_after = value;
            break;
        case Tells::date:
            value = http_date(now_ + *refused_for);
            headers.retry_after = value;
            break;
        case Tells::reset_in_seconds:
            value = std::to_string(whole);
            headers.reset = value;
            break;
        case Tells::reset_unix_time:
            value = std::to_string(unix_time);
            headers.reset = value;
            break;
        }
        return requested_pause(headers, true);
    }

    ModelServer& server_;
    WorldSettings settings_;
    std::mt19937_64 random_;
    std::deque<Client> clients_;
    std::priority_queue<Step> steps_;
    std::deque<double> arrivals_;
    double now_ = 0;
    Outcome outcome_;
};

} // namespace

Outcome run(ModelServer& server, const WorldSettings& settings) {
    return World(server, settings).run();
}

std::string http_date(double after) {
    const std::time_t time = server_epoch + static_cast<std::int64_t>(after);
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::array<char, 64> text{};
    const auto length =
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), length};
}

} // namespace medibridge::test
