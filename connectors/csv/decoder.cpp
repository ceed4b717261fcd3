#include "connectors/csv/decoder.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/utf8.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <unicode/ucnv.h>
#include <utility>

namespace medibridge::connectors {

namespace {

struct ByteOrderMark {
    std::string_view bytes;
    const char* encoding;
};

constexpr std::array byte_order_marks{
    ByteOrderMark{"\xEF\xBB\xBF", "UTF-8"},
    ByteOrderMark{"\xFF\xFE", "UTF-16LE"},
    ByteOrderMark{"\xFE\xFF", "UTF-16BE"},
};
constexpr std::size_t longest_mark = 3;
constexpr std::size_t piece_size = 16 << 10;

struct CloseConverter {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

Converter open_converter(const std::string& name) {
    UErrorCode status = U_ZERO_ERROR;
    Converter converter(ucnv_open(name.c_str(), &status));
    if (U_FAILURE(status)) throw std::invalid_argument("the encoding " + name + " is not known");
    return converter;
}

/// ICU's name of what is read in place of the encoding that was given.
std::string replacing(const std::string& encoding) {
    UErrorCode status = U_ZERO_ERROR;
    const auto converter = open_converter(encoding);
    const std::string_view name = ucnv_getName(converter.get(), &status);
    return U_SUCCESS(status) && name == "ISO-8859-1" ? "windows-1252" : encoding;
}

} // namespace

void CsvDecoder::Utf8Watch::look_at(std::string_view bytes, bool last) {
    constexpr std::size_t longest_letter = 4;
    if (failed_) return;
    std::string joined;
    if (!rest_.empty()) {
        joined = std::exchange(rest_, {});
        joined += bytes;
        bytes = joined;
    }
    for (;;) {
        const auto* high = std::ranges::find_if(bytes, base::is_beyond_ascii);
        bytes.remove_prefix(static_cast<std::size_t>(high - bytes.begin()));
        if (bytes.empty()) return;
        const auto size = base::utf8_length(bytes);
        const bool may_go_on = !last && bytes.size() < longest_letter;
        if (size == 0 && may_go_on) {
            rest_ = bytes;
            return;
        }
        failed_ = size == 0;
        if (failed_) return;
        letters_ = true;
        bytes.remove_prefix(size);
    }
}

/// From the file's encoding by way of UTF-16, ICU's own form, to UTF-8.
struct CsvDecoder::Converters {
    explicit Converters(const std::string& name)
        : from(open_converter(name)),
          to(open_converter("UTF-8")) {
        UErrorCode status = U_ZERO_ERROR;
        // By default ICU puts U+FFFD where bytes say nothing: a name would be sent with it.
        ucnv_setToUCallBack(from.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                            &status);
        if (U_FAILURE(status)) throw std::runtime_error("ICU cannot be told to be strict");
    }

    Converter from;
    Converter to;
    std::array<UChar, piece_size> between{};
    UChar* between_read = between.data();
    UChar* between_written = between.data();
};

CsvDecoder::CsvDecoder(const std::string& encoding)
    : encoding_(encoding),
      converters_(std::make_unique<Converters>(replacing(encoding))) {
    one_byte_ = ucnv_getMaxCharSize(converters_->from.get()) == 1;
}

CsvDecoder::~CsvDecoder() = default;

void CsvDecoder::recognise_mark(bool last) {
    if (start_.size() < longest_mark && !last) return;
    started_ = true;
    for (const auto& mark : byte_order_marks) {
        if (!start_.starts_with(mark.bytes)) continue;
        start_.erase(0, mark.bytes.size());
        encoding_ = mark.encoding;
        one_byte_ = false;
        converters_ = std::make_unique<Converters>(encoding_);
        return;
    }
}

bool CsvDecoder::decode(std::string_view bytes, bool last, std::string& text) {
    if (started_) return convert(bytes, last, text);
    start_.append(bytes);
    recognise_mark(last);
    return !started_ || convert(std::exchange(start_, {}), last, text);
}

bool CsvDecoder::convert(std::string_view bytes, bool last, std::string& text) {
    auto& its = *converters_;
    if (one_byte_) utf8_.look_at(bytes, last);
    const char* source = bytes.data();
    const char* const source_end = source + bytes.size();
    std::array<char, piece_size> piece;
    for (;;) {
        char* target = piece.data();
        UErrorCode status = U_ZERO_ERROR;
        ucnv_convertEx(its.to.get(), its.from.get(), &target, piece.data() + piece.size(), &source,
                       source_end, its.between.data(), &its.between_read, &its.between_written,
                       its.between.data() + its.between.size(), 0, last ? 1 : 0, &status);
        text.append(piece.data(), target);
        if (status == U_BUFFER_OVERFLOW_ERROR) continue;
        return U_SUCCESS(status);
    }
}

} // namespace medibridge::connectors
