#include "base/http/answer.hpp"

#include "base/http/last_chunk.hpp"

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <optional>
#include <utility>

namespace medibridge::http {

namespace beast = boost::beast;
using beast::string_view;
using boost::system::error_code;

namespace {

constexpr std::size_t read_size = 16u << 10;
constexpr std::size_t kept_body_capacity = 32u << 10;
/// Memory for a body is reserved by its announced length up to here; beyond, it grows with what
/// arrives.
constexpr std::uint64_t believed_length = 1u << 20;
constexpr int most_interim_answers = 16;

/// Beast's parser; it writes the answer directly into our own type.
class Parser final : public beast::http::basic_parser<false> {
  public:
    Parser(Response& response, std::size_t body_limit)
        : response_(response),
          body_limit_(body_limit) {}

  private:
    using Field = beast::http::field;
    using Verb = beast::http::verb;

    void on_request_impl(Verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int status, string_view, int, error_code&) override {
        response_.status = status;
    }
    void on_field_impl(Field field, string_view name, string_view value,
                       error_code& failure) override {
        if (in_trailer_) return;
        if (field == Field::transfer_encoding &&
            !is_readable_transfer({value.data(), value.size()}))
            failure = beast::http::error::bad_transfer_encoding;
        response_.headers.emplace_back(name, value);
    }
    void on_header_impl(error_code&) override { in_trailer_ = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
        response_.body.reserve(std::min(length.value_or(0), believed_length));
    }
    std::size_t on_body_impl(string_view bytes, error_code& failure) override {
        if (bytes.size() > body_limit_ - response_.body.size()) {
            failure = beast::http::error::body_limit;
            return 0;
        }
        response_.body.append(bytes.data(), bytes.size());
        return bytes.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& failure) override {
        return on_body_impl(bytes, failure);
    }
    void on_finish_impl(error_code&) override {}

    Response& response_;
    std::size_t body_limit_;
    bool in_trailer_ = false;
};

bool is_over_limit(const error_code& failure) {
    return failure == beast::http::error::header_limit ||
           failure == beast::http::error::body_limit ||
           failure == beast::http::error::buffer_overflow;
}

} // namespace

struct AnswerReader::Impl {
    std::size_t header_limit;
    std::size_t body_limit;
    beast::flat_buffer buffer;
    Response response;
    std::optional<Parser> parser;
    bool bodiless = false;
    bool heard = false;
    int interim_answers = 0;
    std::string reason;

    void restart() {
        // An assignment would keep the memory of the body that was there.
        std::exchange(response, Response());
        parser.emplace(response, body_limit);
        parser->eager(true);
        parser->skip(bodiless);
        parser->header_limit(static_cast<std::uint32_t>(
            std::min<std::size_t>(header_limit, std::numeric_limits<std::uint32_t>::max())));
        parser->body_limit(body_limit);
    }

    State refuse(State state, std::string why) {
        reason = std::move(why);
        return state;
    }

    State refuse(const error_code& failure) {
        if (failure == beast::http::error::body_limit)
            return refuse(State::too_large, "the answer's body is larger than allowed");
        if (is_over_limit(failure))
            return refuse(State::too_large, "the answer's header is larger than allowed");
        if (failure == beast::http::error::bad_transfer_encoding)
            return refuse(State::malformed,
                          "the answer's Transfer-Encoding is not `chunked` alone, "
                          "so that its end cannot be told");
        return refuse(State::malformed, "the answer is not HTTP: " + failure.message());
    }

    State finished() {
        if (response.status / 100 != 1) return State::done;
        if (response.status == 101)
            return refuse(State::malformed, "the answer changes to another protocol");
        if (++interim_answers > most_interim_answers)
            return refuse(State::malformed, "too many interim answers");
        restart();
        return State::more;
    }

    /// Parses what the buffer holds, across interim answers.
    State parse() {
        while (buffer.size() > 0 && !is_short_of_end(*parser, buffer.size())) {
            error_code failure;
            const std::size_t used = parser->put(buffer.cdata(), failure);
            buffer.consume(used);
            if (failure == beast::http::error::need_more) {
                // The parser limits the header; chunk extensions and trailers are limited here.
                if (buffer.size() > header_limit)
                    return refuse(State::too_large, "the answer's framing is larger than allowed");
                return State::more;
            }
            if (failure) return refuse(failure);
            if (!parser->is_done()) continue;
            const State state = finished();
            if (state != State::more) return state;
        }
        return State::more;
    }
};

AnswerReader::AnswerReader(std::size_t header_limit, std::size_t body_limit)
    : impl_(std::make_unique<Impl>()) {
    impl_->header_limit = header_limit;
    impl_->body_limit = body_limit;
}

AnswerReader::~AnswerReader() = default;

void AnswerReader::begin(bool bodiless) {
    impl_->bodiless = bodiless;
    impl_->heard = false;
    impl_->interim_answers = 0;
    impl_->restart();
}

std::span<char> AnswerReader::space() {
    const auto buffer = impl_->buffer.prepare(read_size);
    return {static_cast<char*>(buffer.data()), buffer.size()};
}

AnswerReader::State AnswerReader::feed(std::size_t size) {
    if (size > 0) impl_->heard = true;
    impl_->buffer.commit(size);
    return impl_->parse();
}

AnswerReader::State AnswerReader::end(bool cleanly) {
    Impl& impl = *impl_;
    error_code failure;
    if (cleanly && impl.parser->got_some() && impl.parser->is_header_done()) {
        impl.parser->put_eof(failure);
        if (!failure) return State::done;
    }
    return impl.refuse(State::malformed, "the answer was cut off");
}

bool AnswerReader::heard() const {
    return impl_->heard;
}

bool AnswerReader::reusable() const {
    return impl_->parser->keep_alive() && !has_more();
}

bool AnswerReader::has_more() const {
    return impl_->buffer.size() > 0;
}

std::string AnswerReader::reason() const {
    return impl_->reason;
}

Response AnswerReader::take() {
    return std::move(impl_->response);
}

void AnswerReader::discard() {
    impl_->buffer.clear();
    if (impl_->buffer.capacity() > kept_body_capacity) impl_->buffer.shrink_to_fit();
    std::exchange(impl_->response, Response());
}

} // namespace medibridge::http
