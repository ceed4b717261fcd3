#include "connectors/his/csv_decoder.hpp"

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

} // namespace

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
      converters_(std::make_unique<Converters>(encoding)) {}

CsvDecoder::~CsvDecoder() = default;

void CsvDecoder::recognise_mark(bool last) {
    if (start_.size() < longest_mark && !last) return;
    started_ = true;
    for (const auto& mark : byte_order_marks) {
        if (!start_.starts_with(mark.bytes)) continue;
        start_.erase(0, mark.bytes.size());
        encoding_ = mark.encoding;
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
