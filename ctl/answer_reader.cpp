#include "ctl/answer_reader.hpp"

#include "ctl/json.hpp"

namespace medibridge::ctl {

namespace {

/// Of an answer, or of one line of a stream.
constexpr std::size_t longest_text = 64u << 20;

[[noreturn]] void not_ours() {
    throw Unreachable("what listens there does not answer as medibridge does: give the daemon's "
                      "socket with --socket or --config");
}

int status_of(const Json& error) {
    const std::string code = raw_text(error, "code");
    if (code == "usage") return 400;
    if (code == "forbidden") return 403;
    if (code == "not_found") return 404;
    if (code == "refused") return 409;
    if (code == "unavailable") return 503;
    return 500;
}

} // namespace

void AnswerReader::add(std::string_view piece) {
    text_ += piece;
    if (is_stream_) {
        std::size_t begin = 0;
        for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n', begin)) {
            read_line(std::string_view(text_).substr(begin, end - begin));
            begin = end + 1;
        }
        text_.erase(0, begin);
    }
    if (text_.size() > longest_text)
        throw Unreachable("the answer is larger than 64 MiB: ask for less");
}

void AnswerReader::read_line(std::string_view line) {
    if (line.find_first_not_of(" \r\t") == std::string_view::npos) return;
    const auto object = object_of(line);
    if (!object) not_ours();
    if (object->contains("progress")) {
        if (*on_progress_) (*on_progress_)(dumped(value_in(*object, "progress")));
    } else if (object->contains("result")) {
        last_ = Answer{200, dumped(value_in(*object, "result"))};
    } else if (object->contains("error")) {
        last_ = Answer{status_of(value_in(*object, "error")), dumped(*object)};
    }
}

Answer AnswerReader::finish() {
    if (!is_stream_) {
        const auto object = object_of(text_);
        const bool is_error = object && value_in(*object, "error").is_object();
        if (!object || (status_ != 200 && !is_error)) not_ours();
        return {status_, dumped(*object)};
    }
    read_line(text_);
    if (!last_)
        throw Unreachable("the daemon ended before the work did; ask for `medibridgectl status`");
    return *std::move(last_);
}

} // namespace medibridge::ctl
