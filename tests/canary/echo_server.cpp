#include "echo_server.hpp"

#include <boost/asio/completion_condition.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>
#include <vector>

namespace medibridge::tests {

namespace asio = boost::asio;
using asio::ip::tcp;
using nlohmann::json;

namespace {

std::string response(const std::string& status, const std::string& type, const std::string& body,
                     const std::string& headers = {}) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string headers_saying(const std::string& told) {
    return "X-Echo: " + told + "\r\nServer: " + told + "\r\nRetry-After: " + told +
           "\r\nContent-Encoding: " + told + "\r\nLocation: /" + told + "\r\n";
}

json error_saying(const std::string& told) {
    return {{"error", {{"code", told}, {"status", 400}, {"message", told}, {"requestId", told}}}};
}

/// Six of them, who can all be written.
std::string patients() {
    json list = {{"patients", json::array()},
                 {"pagination", {{"page", 1}, {"pages", 1}, {"total", 6}}},
                 {"links", {{"next", nullptr}}}};
    for (const std::string letter : {"a", "b", "c", "d", "e", "f"})
        list["patients"].push_back({{"ipp", "900000070" + std::to_string(letter[0] - 'a')},
                                    {"etatCivil",
                                     {{"nomNaissance", "Çanarïgny-" + letter},
                                      {"prenoms", {"Éléonöre"}},
                                      {"dateNaissance", "17/03/1931"},
                                      {"sexe", "2"}}}});
    return list.dump();
}

} // namespace

EchoServer::EchoServer(std::string told)
    : told_(std::move(told)),
      acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      thread_([this] {
          while (!ended_) {
              tcp::socket socket(io_);
              boost::system::error_code failure;
              acceptor_.accept(socket, failure);
              if (!failure && !ended_) serve(socket);
          }
      }) {}

EchoServer::~EchoServer() {
    ended_ = true;
    tcp::socket last(io_);
    boost::system::error_code ignored;
    last.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
}

std::string EchoServer::address() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

/// One request a connection.
void EchoServer::serve(tcp::socket& socket) {
    std::string request;
    boost::system::error_code failure;
    const auto head = asio::read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", failure);
    if (failure) return;
    const auto length = request.find("Content-Length: ");
    const std::size_t body = length < head ? std::stoul(request.substr(length + 16)) : 0;
    if (request.size() < head + body)
        asio::read(socket, asio::dynamic_buffer(request),
                   asio::transfer_exactly(head + body - request.size()), failure);
    asio::write(socket, asio::buffer(answer_to(request)), failure);
}

std::string EchoServer::answer_to(const std::string& request) {
    const auto body = request.substr(request.find("\r\n\r\n") + 4);
    const bool medicapp = request.find(" /v5") < request.find("\r\n");
    const json page = {
        {"data", json::array()},
        {"pagination", {{"page", 1}, {"perPage", 100}, {"total", 0}, {"totalPages", 0}}}};
    const auto close = std::string("Connection: close\r\n");
    if (medicapp && request.starts_with("GET"))
        return response("200 OK", "application/json", page.dump(), close);
    const auto& said = medicapp ? body : told_;
    const std::vector<std::string> failures = {
        response("400 " + told_, "application/json", error_saying(told_).dump(),
                 close + headers_saying(told_)),
        response("422 " + told_, "application/json", error_saying("INVALID_" + told_).dump(),
                 close),
        response("400 Bad Request", "application/json", error_saying(said).dump(), close),
        response("500 " + told_, "text/html", "<html>" + said + "</html>", close),
        response("413 Large", told_, said, close),
        response("201 Created", "application/json", said + "}", close),
        response("200 OK", "application/json", R"({"data":[{"id":")" + told_, close),
        response("307 " + told_, "text/plain", said, close + "Location: http://" + told_ + "/\r\n"),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + told_ + "\r\n\r\n" + said,
        told_ + " is no HTTP\r\n\r\n" + said,
        response("200 OK", "application/json", said, close + "Content-Encoding: " + told_ + "\r\n"),
    };
    const auto turn = static_cast<std::size_t>(medicapp ? writes_++ : lists_++);
    if (!medicapp && turn % 2 == 1)
        return response("200 OK", "application/json", patients(), close);
    return failures[(medicapp ? turn : turn / 2) % failures.size()];
}

} // namespace medibridge::tests
