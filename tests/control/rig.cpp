#include "rig.hpp"

#include "reconcile/instant.hpp"
#include "run_task.hpp"
#include "state/audit_seal.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <sstream>

namespace medibridge::tests {

using Json = nlohmann::json;
using runtime::Task;

namespace {

const std::vector<std::uint8_t> test_key(32, 7);

/// Keeps the answer.
class Captured final : public http::ResponseWriter {
  public:
    Task<void> answer(int status, std::string_view, std::string body) override {
        EXPECT_EQ(answer_.status, 0) << "answered twice";
        answer_.status = status;
        answer_.json = Json::parse(body);
        co_return;
    }
    Task<void> begin(std::string_view type) override {
        EXPECT_EQ(type, "application/x-ndjson");
        begun_ = true;
        answer_.status = 200;
        co_return;
    }
    Task<bool> line(std::string text) override {
        answer_.lines.push_back(Json::parse(text));
        answer_.json = answer_.lines.back();
        co_return true;
    }
    bool gone() const override { return false; }
    bool begun() const override { return begun_; }
    Answer take() { return std::move(answer_); }

  private:
    Answer answer_;
    bool begun_ = false;
};

} // namespace

ModelBackend::ModelBackend(const std::filesystem::path& directory)
    : now(reconcile::parse_rfc3339("2026-11-28T12:00:00Z")->instant.time_since_epoch().count()),
      digester_(test_key),
      store_(state::open_sqlite(directory / "state.db", state::AuditSeal(test_key))),
      database_(*store_, nullptr) {
    its.state.path = directory / "state.db";
    config::SourceSettings source;
    source.name = "dpi";
    its.his.push_back(source);
    known.sides.resize(2);
    known.sides[0].name = "medicapp";
    known.sides[1].name = "dpi";
    cycle = [](sync::Observer&) { return control::CycleEnd(); };
}

control::Live ModelBackend::live() const {
    return known;
}

Task<control::CycleEnd> ModelBackend::run_cycle(sync::Request request, sync::Observer& observer) {
    requests.push_back(std::move(request));
    if (cycle_waits_for) co_await cycle_waits_for->wait();
    co_return cycle(observer);
}

runtime::Task<control::KeyRotation> ModelBackend::rotate_key(std::optional<state::KeyBytes> key,
                                                             state::AuditEntry line,
                                                             std::string abandoned) {
    keys_abandoned.push_back(std::move(abandoned));
    keys.push_back(key ? std::optional<std::string>(key->check()) : std::nullopt);
    state::Batch batch;
    batch.audit(std::move(line));
    co_await database_.commit(std::move(batch));
    co_return control::KeyRotation{"aaaaaaaaaaaa", "bbbbbbbbbbbb", key ? "" : "/state.db.key"};
}

Task<connectors::Reply<connectors::Behaviour>> ModelBackend::look_at_behaviour() {
    co_return behaviour;
}

Task<connectors::Reply<connectors::Behaviour>> ModelBackend::try_sentinel(std::string external_id) {
    sentinels.push_back("try " + external_id);
    co_return tried;
}

Task<connectors::Reply<void>> ModelBackend::remove_sentinels(std::string external_id) {
    sentinels.push_back("remove " + external_id);
    co_return connectors::Reply<void>();
}

Task<void> ModelBackend::pause(control::Pause pause, state::Batch with) {
    store_->commit(with);
    known.pause = pause;
    co_return;
}

Task<void> ModelBackend::resume(state::Batch with) {
    store_->commit(with);
    known.pause.reset();
    co_return;
}

Task<sync::Inquiry> ModelBackend::inquire(std::string key) {
    auto inquiry = sight;
    inquiry.key = key;
    const auto known = co_await database_.look_up({key});
    inquiry.known = known.front();
    co_return inquiry;
}

Task<std::string> ModelBackend::decide(sync::Order order) {
    orders.push_back(std::move(order));
    co_return refusal;
}

Task<control::SourceLook> ModelBackend::look_at_source(std::string, control::LookLimits,
                                                       control::SeeRecords see) {
    if (look.trouble.empty()) see(records);
    co_return look;
}

Task<connectors::Reply<connectors::MedicappPage>>
ModelBackend::ask_medicapp(connectors::ListQuery query, std::chrono::milliseconds) {
    return model_medicapp.list(query);
}

Task<connectors::Reply<void>> ModelBackend::erase_in_medicapp(std::string medicapp_id) {
    erased.push_back(std::move(medicapp_id));
    co_return erasure();
}

Task<connectors::Reply<connectors::MedicappPage>>
ListedMedicapp::list(connectors::ListQuery query) {
    if (!trouble.empty()) {
        connectors::ApiError error;
        error.what = trouble;
        co_return std::unexpected(std::move(error));
    }
    connectors::MedicappPage page;
    page.page = query.page;
    page.per_page = query.per_page;
    page.total = static_cast<std::int64_t>(patients.size());
    page.total_pages = (page.total + query.per_page - 1) / query.per_page;
    const auto first = (query.page - 1) * query.per_page;
    for (auto i = first; i < page.total && i < first + query.per_page; ++i)
        page.patients.push_back(patients[static_cast<std::size_t>(i)]);
    co_return page;
}

Task<connectors::Reply<connectors::MedicappPatient>> ListedMedicapp::get(std::string id) {
    for (const auto& patient : patients)
        if (trouble.empty() && patient.id == id) co_return patient;
    connectors::ApiError error(trouble.empty() ? connectors::Failure::not_found
                                               : connectors::Failure::unavailable);
    error.what = trouble;
    co_return std::unexpected(std::move(error));
}

Answer ApiTest::ask(const std::string& method, const std::string& target, const std::string& body,
                    const std::string& operation) {
    http::ServerRequest request;
    request.method = method;
    request.body = body;
    request.peer = peer_;
    EXPECT_EQ(http::read_target("/v1" + target, request), "") << target;
    Captured writer;
    std::exception_ptr error;
    bool answered = false;
    boost::asio::co_spawn(io_, api_.handle(request, writer), [&](std::exception_ptr thrown) {
        error = std::move(thrown);
        answered = true;
    });
    io_.restart();
    while (!answered)
        io_.run_one();
    if (error) std::rethrow_exception(error);
    auto answer = writer.take();
    if (answer.status != 200) {
        EXPECT_EQ(schema_.faults_of_error(answer.json), "");
        return answer;
    }
    const auto path = operation.empty() ? target.substr(0, target.find('?')) : operation;
    const auto verb = method == "GET" ? "get" : "post";
    if (answer.lines.empty()) answer.lines.push_back(answer.json);
    for (const auto& line : answer.lines)
        EXPECT_EQ(schema_.faults(verb, path, line), "");
    return answer;
}

void ApiTest::expect_error(const Answer& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.json;
    ASSERT_TRUE(answer.json.contains("error")) << answer.json;
    EXPECT_EQ(answer.json["error"]["code"], code) << answer.json;
    EXPECT_NE(answer.json["error"]["message"], "");
}

} // namespace medibridge::tests
