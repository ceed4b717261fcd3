#include "connectors/medicapp/fetch.hpp"

#include "connectors/medicapp/answers.hpp"
#include "connectors/medicapp/exchange.hpp"

#include <utility>

namespace medibridge::connectors {

namespace {

/// What the answer says is judged by whoever asked.
class ObjectReader final : public AnswerReader {
  public:
    bool read(const http::Response& response) override {
        if (!is_json_object(response.body)) return false;
        its = response;
        return true;
    }
    http::Response its;
};

bool is_refusal(const ApiError& error) {
    return error.failure == Failure::rejected || error.failure == Failure::not_found ||
           error.failure == Failure::refused;
}

} // namespace

runtime::Task<Reply<Fetched>> fetch(Exchange& exchange, std::string_view name, std::string path,
                                    bool about_one) {
    Call call(http::Method::get, name, exchange.target(path), "");
    call.about_one = about_one;
    ObjectReader reader;
    auto error = co_await exchange.perform(std::move(call), reader);
    if (error && !is_refusal(*error)) co_return std::unexpected(std::move(*error));
    Fetched fetched;
    fetched.response = std::move(reader.its);
    fetched.refusal = std::move(error);
    co_return fetched;
}

} // namespace medibridge::connectors
