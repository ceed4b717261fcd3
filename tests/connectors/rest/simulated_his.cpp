#include "simulated_his.hpp"

#include "run_task.hpp"
#include "source_environment.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

namespace medibridge::connectors {
namespace {

runtime::Task<void> read_all(SourceReading& reading, Pass& pass) {
    for (;;) {
        auto page = co_await reading.next();
        if (!page) {
            pass.error = page.error();
            co_return;
        }
        for (auto& record : page->records)
            pass.records.push_back(std::move(record));
        page->records.clear();
        pass.pages.push_back(*page);
        if (page->last) co_return;
    }
}

} // namespace

runtime::Task<void> VirtualClock::sleep_until(runtime::TimePoint when) {
    sleeps.push_back(when - now_);
    if (on_sleep) on_sleep();
    now_ = std::max(now_, when);
    co_return;
}

runtime::Task<http::Result> ScriptedTransport::send(http::Request request) {
    asked.push_back(request);
    co_return answer(asked.back());
}

std::string KeptLog::text() const {
    std::string text;
    for (const auto& event : events) {
        text += event.type().name;
        for (const auto& [key, value] : event.fields()) {
            text += " " + std::to_string(static_cast<int>(key)) + "=";
            if (const auto* words = std::get_if<std::string>(&value)) text += *words;
        }
        text += "\n";
    }
    return text;
}

http::Transport& ScriptedTransports::to(const http::Url& server) {
    if (asked_ != nullptr) asked_->push_back(server);
    return transport_;
}

http::Response json_answer(std::string body, int status) {
    http::Response response;
    response.status = status;
    response.headers.emplace_back("Content-Type", "application/json");
    response.headers.emplace_back("Date", "Sat, 31 Jan 2026 12:00:00 GMT");
    response.body = std::move(body);
    return response;
}

http::Result failure(http::ErrorKind kind) {
    return std::unexpected(http::Error(kind, true, "planned failure"));
}

std::optional<std::string> parameter(const std::string& target, const std::string& name) {
    auto at = target.find('?');
    while (at != std::string::npos) {
        const auto end = target.find('&', at + 1);
        const auto pair = target.substr(at + 1, end == std::string::npos ? end : end - at - 1);
        if (pair.starts_with(name + "=")) return pair.substr(name.size() + 1);
        at = end;
    }
    return std::nullopt;
}

RestSettings simple_settings() {
    RestSettings settings;
    settings.url = {"http", "his.local", 80, "/api/patients"};
    settings.page_size = 2;
    settings.first_page = 1;
    settings.query.page = "page";
    settings.query.per_page = "taille";
    settings.query.modified_after = "depuis";
    settings.records = "/patients";
    settings.fields["externalId"].at = "/ipp";
    settings.fields["lastName"].at = "/nom";
    settings.fields["firstName"].at = "/prenom";
    settings.fields["birthDate"].at = "/naissance";
    settings.fields["modifiedAt"].at = "/maj";
    return settings;
}

std::string patient_json(const std::string& id, const std::string& modified) {
    return R"({"ipp":")" + id + R"(","nom":"Doe","prenom":"Jo","naissance":"1980-01-02","maj":")" +
           modified + R"("})";
}

std::string list_json(const std::vector<std::string>& records, const std::string& more) {
    std::string text = R"({"patients":[)";
    for (std::size_t i = 0; i < records.size(); ++i)
        text += (i == 0 ? "" : ",") + records[i];
    return text + "]" + (more.empty() ? "" : "," + more) + "}";
}

std::vector<std::string> Pass::ids() const {
    std::vector<std::string> ids;
    for (const auto& record : records)
        ids.push_back(record.patient.external_id());
    return ids;
}

SimulatedHis::SimulatedHis(RestSettings settings, RestLimits limits)
    : source(std::make_unique<RestSource>(
          tests::source_environment("dpi", {}, clock, log, 42), std::move(settings),
          std::make_unique<ScriptedTransports>(transport, transport_cancels, nullptr), limits)) {}

Pass SimulatedHis::pass(std::optional<reconcile::Instant> since) {
    return run_pass(*source, since);
}

Pass run_pass(Source& source, std::optional<reconcile::Instant> since) {
    return run_reading(*source.read(since));
}

SourceResult<SourcePage> next_page(SourceReading& reading) {
    boost::asio::io_context context{1};
    return tests::run_task(context, reading.next());
}

Pass run_reading(SourceReading& reading) {
    Pass pass;
    boost::asio::io_context context{1};
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, read_all(reading, pass),
                          [&thrown](std::exception_ptr error) { thrown = std::move(error); });
    context.run();
    if (thrown) std::rethrow_exception(thrown);
    pass.proven = reading.proven();
    pass.fingerprint = reading.fingerprint();
    pass.contradiction = reading.contradiction();
    return pass;
}

} // namespace medibridge::connectors
