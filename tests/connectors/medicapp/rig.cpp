#include "rig.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <stdexcept>

namespace medibridge::test {

using reconcile::Field;
using reconcile::FieldValue;
using runtime::Task;

void ScriptedTransport::then(http::Result result) {
    script_.push_back(std::move(result));
}

Task<http::Result> ScriptedTransport::send(http::Request request) {
    Sent sent{std::move(request), clock_.now()};
    sent_.push_back(std::move(sent));
    const auto index = sent_.size() - 1;
    most_under_way_ = std::max(most_under_way_, ++under_way_);
    http::Result result;
    if (!script_.empty()) {
        result = std::move(script_.front());
        script_.pop_front();
    } else if (otherwise_) {
        result = otherwise_(sent_[index].request);
    } else {
        throw std::logic_error("a request that the script does not know");
    }
    // A woken clock makes no network faster.
    const auto end = clock_.now() + duration_;
    while (clock_.now() < end)
        co_await clock_.sleep_until(end);
    --under_way_;
    co_return result;
}

std::vector<std::string> RecordingLog::names() const {
    std::vector<std::string> names;
    for (const auto& event : events_)
        names.emplace_back(event.type().name);
    return names;
}

std::string RecordingLog::text() const {
    std::string text;
    for (const auto& event : events_) {
        text += event.type().name;
        for (const auto& [key, value] : event.fields()) {
            text += ' ';
            text += log::name(key);
            text += '=';
            if (const auto* number = std::get_if<std::int64_t>(&value)) {
                text += std::to_string(*number);
            } else {
                text += std::get<std::string>(value);
            }
        }
        text += '\n';
    }
    return text;
}

http::Response response(int status, std::string body, http::Headers headers) {
    http::Response made;
    made.status = status;
    made.body = std::move(body);
    made.headers = std::move(headers);
    return made;
}

http::Response json_error(int status, std::string_view code, http::Headers headers) {
    std::string body = R"({"error":{"code":")";
    body += code;
    body += R"(","status":)" + std::to_string(status) + R"(,"message":")";
    body += planted_name;
    body += R"( is refused","requestId":"req-7"}})";
    return response(status, std::move(body), std::move(headers));
}

http::Response html(int status, http::Headers headers) {
    headers.emplace_back("Content-Type", "text/html");
    return response(status, "<html><body>Gateway says no</body></html>", std::move(headers));
}

http::Result broken(http::ErrorKind kind, bool maybe_executed) {
    return std::unexpected(http::Error(kind, maybe_executed, "so the network says"));
}

http::Response patient_answer(int status, std::string_view id, std::string_view external_id) {
    std::string body = R"({"id":")";
    body += id;
    body += R"(","externalId":")";
    body += external_id;
    body += R"(","lastName":"Plantagenet","modifiedAt":"2026-01-31T09:05:00Z"})";
    return response(status, std::move(body));
}

http::Response page_answer() {
    return response(
        200, R"({"data":[],"pagination":{"page":1,"perPage":100,"total":0,"totalPages":0}})");
}

reconcile::Patient planted_patient() {
    reconcile::Patient patient("IPP-1");
    patient[Field::last_name] = FieldValue::known(std::string(planted_name));
    patient[Field::first_name] = FieldValue::known("Aliénor");
    patient[Field::birth_date] = FieldValue::known("1980-02-29");
    return patient;
}

connectors::PatientUpdate planted_update() {
    connectors::PatientUpdate update;
    update.id = "p-1";
    update.patient = planted_patient();
    update.write.add(Field::last_name);
    return update;
}

connectors::MedicappClientSettings default_settings() {
    connectors::MedicappClientSettings settings;
    settings.base_path = "/v5";
    settings.api_key = config::Secret(std::string(planted_key));
    settings.seed = 11;
    return settings;
}

Rig::Rig(connectors::MedicappClientSettings settings)
    : clock(io.get_executor()),
      transport(clock),
      client(transport, clock, log, std::move(settings)),
      began_(clock.now()) {}

Rig::~Rig() {
    constexpr int enough_steps = 1'000;
    client.cancel();
    for (int step = 0; step < enough_steps; ++step) {
        settle();
        if (!clock.advance()) break;
    }
}

void Rig::settle() {
    io.restart();
    io.poll();
}

void Rig::drive(const std::function<bool()>& done) {
    // Far more than any test needs: reaching it means that somebody turns in circles.
    constexpr int most_steps = 2'000'000;
    for (int step = 0; step < most_steps; ++step) {
        settle();
        if (done()) return;
        if (!clock.advance()) throw std::logic_error("nothing can happen any more");
    }
    throw std::logic_error("no end in sight");
}

} // namespace medibridge::test
