#include "connectors/medicapp/eraser.hpp"

#include "base/bytes/encode.hpp"
#include "connectors/medicapp/answers.hpp"
#include "connectors/medicapp/exchange.hpp"

#include <utility>

namespace medibridge::connectors {
namespace {

/// A DELETE's answer needs no body, but a page in a proxy's words is not Medicapp's.
class ErasedReader final : public AnswerReader {
  public:
    bool read(const http::Response& response) override {
        const auto first = response.body.find_first_not_of(" \t\r\n");
        return first == std::string::npos || response.body[first] != '<';
    }
};

} // namespace

runtime::Task<Reply<void>> MedicappEraser::erase(std::string id) {
    if (!is_usable_id(id)) {
        ApiError error(Failure::rejected);
        error.what = "DELETE /patients/{id}: not an id";
        co_return std::unexpected(std::move(error));
    }
    auto target = client_.exchange_->target("/patients/" + base::percent_encode(id));
    Call call(http::Method::delete_, "DELETE /patients/{id}", std::move(target), "");
    ErasedReader reader;
    auto error = co_await client_.exchange_->perform(std::move(call), reader);
    if (error) co_return std::unexpected(std::move(*error));
    co_return Reply<void>();
}

} // namespace medibridge::connectors
