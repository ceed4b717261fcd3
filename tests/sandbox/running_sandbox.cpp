#include "running_sandbox.hpp"

#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <gtest/gtest.h>

namespace medibridge::sandbox {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

std::uint16_t port_of(const std::string& url) {
    const auto colon = url.rfind(':');
    return static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1)));
}

} // namespace

nlohmann::json Answer::json() const {
    return nlohmann::json::parse(body);
}

std::string Answer::code() const {
    return json()["error"]["code"].get<std::string>();
}

class RawClient::Connection {
  public:
    asio::io_context io;
    asio::ip::tcp::socket socket{io};
    boost::beast::flat_buffer buffer;
};

RawClient::RawClient(std::uint16_t port) : connection_(std::make_unique<Connection>()) {
    connection_->socket.connect({asio::ip::address_v4::loopback(), port});
}

RawClient::~RawClient() = default;

Answer RawClient::send(const std::string& method, const std::string& target, const Headers& headers,
                       const std::string& body) {
    http::request<http::string_body> request;
    request.method_string(method);
    request.target(target);
    request.set(http::field::host, "127.0.0.1");
    for (const auto& [name, value] : headers)
        request.set(name, value);
    request.body() = body;
    request.prepare_payload();
    boost::system::error_code error;
    http::write(connection_->socket, request, error);
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    http::read(connection_->socket, connection_->buffer, parser, error);
    Answer answer;
    if (error == http::error::end_of_stream)
        answer.end = Answer::End::closed;
    else if (error == http::error::partial_message)
        answer.end = Answer::End::cut;
    else if (error)
        answer.end = Answer::End::reset;
    if (!parser.is_header_done()) return answer;
    answer.status = parser.get().result_int();
    for (const auto& field : parser.get())
        answer.headers[lower_case({field.name_string().data(), field.name_string().size()})] =
            std::string(field.value());
    answer.body = parser.get().body();
    return answer;
}

Settings RunningSandbox::quiet() {
    Settings settings;
    settings.population.patients = 0;
    return settings;
}

RunningSandbox::RunningSandbox(Settings settings)
    : sandbox_(io_, std::move(settings), clock_),
      key_(sandbox_.api_key()),
      medicapp_port_(port_of(sandbox_.medicapp_url())),
      his_port_(port_of(sandbox_.his_url())),
      control_port_(port_of(sandbox_.control_url())),
      thread_([this] { io_.run(); }) {}

RunningSandbox::~RunningSandbox() {
    asio::post(io_, [this] { sandbox_.stop(); });
    thread_.join();
}

Answer RunningSandbox::medicapp(const std::string& method, const std::string& target,
                                const std::string& body) {
    const Headers headers{{"Authorization", "Bearer " + key_},
                          {"Content-Type", "application/json"}};
    return medicapp(method, target, headers, body);
}

Answer RunningSandbox::medicapp(const std::string& method, const std::string& target,
                                const Headers& headers, const std::string& body) {
    return RawClient(medicapp_port_).send(method, "/v5" + target, headers, body);
}

Answer RunningSandbox::his(const std::string& target, const Headers& headers) {
    return RawClient(his_port_).send("GET", "/api/patients" + target, headers, "");
}

Answer RunningSandbox::control(const std::string& method, const std::string& target,
                               const std::string& body) {
    return RawClient(control_port_).send(method, "/sandbox" + target, {}, body);
}

std::string RunningSandbox::create(const std::string& external_id) {
    const Answer answer = medicapp("POST", "/patients", patient_json(external_id));
    EXPECT_EQ(answer.status, 201U) << answer.body;
    return answer.json()["id"].get<std::string>();
}

std::vector<std::string> RunningSandbox::listed(const std::string& query) {
    const auto page = medicapp("GET", "/patients?" + query).json();
    std::vector<std::string> ids;
    for (const auto& item : page["data"])
        ids.push_back(item["externalId"].get<std::string>());
    return ids;
}

nlohmann::json RunningSandbox::stats() {
    return control("GET", "/stats").json();
}

std::string patient_json(const std::string& external_id) {
    return R"({"externalId":")" + external_id +
           R"(","lastName":"Lefèvre","firstName":"Chloé","birthDate":"1980-02-29","gender":"F",)"
           R"("email":"chloe@example.org","phone":"+33199001234","address":{"street":"1 rue A",)"
           R"("city":"Nantes","postalCode":"44000","country":"FR"}})";
}

} // namespace medibridge::sandbox
