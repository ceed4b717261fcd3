#include "connectors/hl7v2/batch.hpp"

#include "connectors/hl7v2/mllp_frame.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace medibridge::connectors::hl7 {

namespace {

std::optional<std::size_t> count_of(std::string_view text) {
    text = reconcile::trim(text);
    std::size_t count = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, count);
    if (text.empty() || failure != std::errc() || stop != end) return std::nullopt;
    return count;
}

/// Reads segment by segment, with what is open at each moment.
class Cutter {
  public:
    Cutter(std::string_view whole, std::size_t max_messages)
        : whole_(whole),
          max_messages_(max_messages) {}

    Hl7Result<Batch> run() {
        for_each_segment(whole_, [this](std::string_view segment) {
            take_line(segment);
            return !refusal_;
        });
        end_message(whole_.data() + whole_.size());
        if (batch_open_) refuse("the batch was cut off: BTS is missing");
        if (file_open_) refuse("the file was cut off: FTS is missing");
        if (refusal_) return std::unexpected(std::move(*refusal_));
        return std::move(batch_);
    }

  private:
    /// Some programs write the last segment of a message with LF alone, though they use CR: there
    /// the next message's header, delimiters and all, tells it from a line feed inside a field.
    void take_line(std::string_view line) {
        for (std::size_t at = 0; !signature_.empty() && !refusal_;) {
            at = line.find(signature_, at);
            if (at == std::string_view::npos) break;
            take(line.substr(0, at));
            line.remove_prefix(at + 1);
            at = 1;
        }
        take(line);
    }

    void take(std::string_view segment) {
        // Marks of MLLP around messages in a file.
        while (!segment.empty() &&
               (segment[0] == start_block || segment[0] == end_block || segment[0] == '\n')) {
            end_message(segment.data());
            segment.remove_prefix(1);
        }
        if (batch_.messages.empty() && begin_ == nullptr) segment = without_lead(segment);
        const auto name = segment.substr(0, segment_name_size);
        if (name == "MSH") return begin_message(segment);
        if (name == "FHS" || name == "BHS") return open(segment, name == "FHS");
        if (name == "FTS" || name == "BTS") return close(segment, name == "FTS");
        const bool blank = reconcile::trim(segment).empty();
        if (begin_ == nullptr && !blank) refuse("there is text outside of any message");
    }

    void begin_message(std::string_view segment) {
        end_message(segment.data());
        if (batch_.messages.size() >= max_messages_) return refuse("it has too many messages");
        begin_ = segment.data();
        ++in_batch_;
        if (signature_.empty() && segment.size() > segment_name_size)
            signature_ = "\n" + std::string(part(segment, segment[segment_name_size], 1)) +
                         segment[segment_name_size] +
                         std::string(part(segment, segment[segment_name_size], 2)) +
                         segment[segment_name_size];
    }

    void end_message(const char* end) {
        if (begin_ == nullptr) return;
        std::string_view message(begin_, static_cast<std::size_t>(end - begin_));
        const auto last = message.find_last_not_of(std::string_view("\n\v\x1c", 3));
        batch_.messages.push_back(message.substr(0, last + 1));
        begin_ = nullptr;
    }

    void open(std::string_view segment, bool file) {
        end_message(segment.data());
        auto& is_open = file ? file_open_ : batch_open_;
        if (is_open || (file && batch_open_))
            return refuse("there is a header where none is allowed");
        const auto delimiters = read_delimiters(segment);
        if (!delimiters) return refuse(delimiters.error().reason);
        separator_ = delimiters->field;
        is_open = true;
        batch_.enveloped = true;
        (file ? batches_ : in_batch_) = 0;
    }

    void close(std::string_view segment, bool file) {
        end_message(segment.data());
        auto& is_open = file ? file_open_ : batch_open_;
        if (!is_open || (file && batch_open_))
            return refuse("there is a trailer where none is allowed");
        is_open = false;
        if (!file) ++batches_;
        const auto text = part(segment, separator_, 2);
        const auto stated = count_of(text);
        const auto counted = file ? batches_ : in_batch_;
        if (reconcile::trim(text).empty() || stated == counted) return;
        refuse(std::string(file ? "FTS-1" : "BTS-1") + " does not say how many there are (" +
               std::to_string(counted) + "): something is missing");
    }

    void refuse(std::string reason) {
        if (!refusal_) refusal_ = Refusal(ErrorCode::segment_sequence, std::move(reason));
    }

    std::string_view whole_;
    std::size_t max_messages_;
    Batch batch_;
    std::optional<Refusal> refusal_;
    const char* begin_ = nullptr; ///< of the message that is open
    std::string signature_;       ///< a line feed and how a header begins here
    char separator_ = '|';
    bool file_open_ = false;
    bool batch_open_ = false;
    std::size_t in_batch_ = 0;
    std::size_t batches_ = 0;
};

} // namespace

bool is_batch(std::string_view bytes) {
    const auto name = without_lead(bytes).substr(0, segment_name_size);
    return name == "FHS" || name == "BHS";
}

Hl7Result<Batch> read_batch(std::string_view bytes, std::size_t max_messages) {
    return Cutter(bytes, max_messages).run();
}

std::string batch_answer(std::string_view batch, const std::vector<std::string>& answers) {
    const auto lead = without_lead(batch);
    const auto header = lead.substr(0, lead.find_first_of("\r\n"));
    const auto delimiters = read_delimiters(header);
    const char bar = delimiters ? delimiters->field : Delimiters().field;
    const auto field = [&](std::size_t n) {
        auto text = std::string(part(header, bar, n).substr(0, 250));
        std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
        return text;
    };
    std::string out = "BHS";
    out += bar + field(2) + bar + field(5) + bar + field(6) + bar + field(3) + bar + field(4);
    // BHS-12: the control identifier of the batch that is answered.
    out += std::string(6, bar) + field(11) + '\r';
    std::size_t count = 0;
    for (const auto& answer : answers) {
        for_each_part(answer, end_block, [&](std::string_view one) {
            out += one;
            ++count;
        });
    }
    out += "BTS";
    out += bar + std::to_string(count) + '\r';
    return out;
}

} // namespace medibridge::connectors::hl7
