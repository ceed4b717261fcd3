#include "connectors/csv/rows.hpp"

#include <algorithm>
#include <cstdlib>
#include <csv.h>
#include <exception>
#include <new>
#include <set>
#include <utility>

namespace medibridge::connectors {

namespace {

constexpr std::size_t block_size = 64 << 10;
constexpr std::size_t cell_growth = 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr char end_of_file = '\x1A';
constexpr std::string_view end_padding{"\x1A\r\n \t\0", 6};
constexpr std::size_t longest_padding = 4096;
constexpr unsigned char strict = CSV_STRICT | CSV_STRICT_FINI;

/// libcsv takes any cell: a quote that is never closed would swallow the file.
void* grow_cell(void* memory, std::size_t size) {
    return size > CsvLimits::cell + cell_growth ? nullptr : std::realloc(memory, size);
}

bool is_blank(std::string_view piece, char delimiter) {
    return std::ranges::all_of(piece, [delimiter](char c) {
        return c != delimiter && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
    });
}

/// Names of columns, each once.
class Names {
  public:
    bool empty() const { return names_.empty(); }
    const std::string& text() const { return text_; }
    void add(std::string_view name) {
        if (!names_.insert(name).second) return;
        text_ += (text_.empty() ? "" : ", ") + std::string(name);
    }

  private:
    std::set<std::string_view> names_;
    std::string text_;
};

} // namespace

std::string_view CsvRow::operator[](std::size_t column) const {
    const auto begin = column == 0 ? 0 : ends_[column - 1];
    return std::string_view(text_).substr(begin, ends_[column] - begin);
}

void CsvRow::clear() {
    text_.clear();
    ends_.clear();
}

bool CsvRow::add(std::string_view cell) {
    if (ends_.size() == CsvLimits::columns || text_.size() + cell.size() > CsvLimits::row)
        return false;
    text_.append(cell);
    ends_.push_back(text_.size());
    return true;
}

/// libcsv's parser and what it tells of one row.
struct CsvRows::Parser {
    explicit Parser(char delimiter_) : delimiter(delimiter_) {
        if (csv_init(&csv, strict) != 0) throw std::bad_alloc();
        csv_set_delim(&csv, static_cast<unsigned char>(delimiter));
        csv_set_realloc_func(&csv, grow_cell);
        csv_set_blk_size(&csv, cell_growth);
    }
    ~Parser() { csv_free(&csv); }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    /// How much of it was taken; all, unless there is a fault.
    std::size_t take(std::string_view piece) {
        const auto used = csv_parse(&csv, piece.data(), piece.size(), on_cell, on_row, this);
        if (thrown) std::rethrow_exception(std::exchange(thrown, nullptr));
        return used;
    }

    /// Exceptions must not pass through libcsv, which is C.
    static void on_cell(void* text, std::size_t size, void* self) noexcept {
        auto& parser = *static_cast<Parser*>(self);
        try {
            const std::string_view cell(static_cast<const char*>(text), size);
            if (!parser.row.add(cell)) parser.too_large = true;
        } catch (...) {
            parser.thrown = std::current_exception();
        }
    }
    static void on_row(int, void* self) noexcept { static_cast<Parser*>(self)->ended = true; }

    csv_parser csv{};
    char delimiter;
    CsvRow row;
    bool ended = false;
    bool too_large = false;
    std::exception_ptr thrown;
};

CsvRows::CsvRows(Read read, char delimiter, const std::string& encoding)
    : read_(std::move(read)),
      decoder_(encoding),
      parser_(std::make_unique<Parser>(delimiter)),
      block_(block_size, '\0') {}

CsvRows::~CsvRows() = default;

CsvRows::Next CsvRows::fail(std::size_t line, std::string what) {
    fault_.line = line;
    fault_.what = std::move(what);
    return Next::fault;
}

/// Replaces `text_`, which is used up, with more text; false at the end.
bool CsvRows::refill() {
    text_.clear();
    at_ = 0;
    while (text_.empty() && decoded_ && !at_end_) {
        const auto size = read_(block_.data(), block_.size());
        at_end_ = size == 0;
        decoded_ = decoder_.decode(std::string_view(block_).substr(0, size), at_end_, text_);
        // Some programs put a mark before a text that has one.
        while (!begun_ && text_.starts_with(byte_order_mark))
            text_.erase(0, byte_order_mark.size());
        begun_ = begun_ || !text_.empty();
        hold_end_mark();
    }
    return !text_.empty();
}

/// Keeps back a Ctrl-Z that may be the end of the file, as CP/M and its heirs write it, with the
/// padding of the last block. It is part of a row only if something follows.
void CsvRows::hold_end_mark() {
    text_.insert(0, std::exchange(end_mark_, {}));
    const auto last = text_.find_last_not_of(end_padding);
    const auto mark = text_.find(end_of_file, last == std::string::npos ? 0 : last + 1);
    if (mark == std::string::npos || text_.size() - mark > longest_padding) return;
    end_mark_ = text_.substr(mark);
    text_.erase(mark);
}

std::optional<CsvFault> CsvRows::encoding_fault() const {
    if (!decoder_.contradicts_bytes()) return std::nullopt;
    CsvFault fault;
    fault.what = "the file is in UTF-8, as all its bytes show, but `encoding` says " +
                 decoder_.encoding() +
                 ": set `encoding: UTF-8`, or have the file written in that encoding; its accents "
                 "would be read as other letters";
    return fault;
}

/// The text up to and with the next line end, or what there is of it. What ends a line is a line
/// feed, a carriage return, or both.
std::string_view CsvRows::take_line() {
    const std::string_view rest = std::string_view(text_).substr(at_);
    std::size_t size = 0;
    while (size < rest.size() && rest[size] != '\n' && rest[size] != '\r')
        ++size;
    if (size < rest.size() && rest[size] == '\r' && rest.substr(size + 1, 1) == "\n") ++size;
    if (size < rest.size()) ++size;
    at_ += size;
    return rest.substr(0, size);
}

bool CsvRows::parse(std::string_view piece) {
    auto& parser = *parser_;
    while (!piece.empty()) {
        piece.remove_prefix(parser.take(piece));
        if (parser.too_large) return false;
        if (piece.empty()) return true;
        // Strictly an error, and libcsv stops at it. Within a cell that is not quoted a quote can
        // only be meant as itself; what stands behind a closing quote may be meant in two ways.
        if (csv_error(&parser.csv) != CSV_EPARSE || piece.front() != CSV_QUOTE) return false;
        csv_set_opts(&parser.csv, CSV_STRICT_FINI);
        piece.remove_prefix(parser.take(piece.substr(0, 1)));
        csv_set_opts(&parser.csv, strict);
    }
    return true;
}

CsvRows::Next CsvRows::explain() {
    if (parser_->too_large)
        return fail(row_line_, "a row has more than 1000 columns or 1 MiB: is it the right file?");
    if (csv_error(&parser_->csv) == CSV_EPARSE)
        return fail(line_, "text follows a closing quote: the quotes in a quoted cell must be "
                           "doubled");
    return fail(row_line_, "a cell of this row has more than 64 KiB: probably a closing quote is "
                           "missing");
}

CsvRows::Next CsvRows::finish(CsvRow& row) {
    if (!decoded_)
        return fail(line_, "holds bytes that are not text in " + decoder_.encoding() +
                               ": set `encoding` to that of the file, or have it sent completely");
    if (auto fault = encoding_fault()) {
        fault_ = *std::move(fault);
        return Next::fault;
    }
    auto& parser = *parser_;
    parser.ended = false;
    const int failed = csv_fini(&parser.csv, Parser::on_cell, Parser::on_row, &parser);
    if (parser.thrown) std::rethrow_exception(std::exchange(parser.thrown, nullptr));
    if (failed != 0)
        return fail(row_line_, "the file ends within a quoted cell of this row: it was cut off, or "
                               "a closing quote is missing");
    if (parser.too_large) return explain();
    if (!parser.ended) return Next::end;
    std::swap(row, parser.row);
    row.line = row_line_;
    ended_by_line_ = false;
    return Next::row;
}

CsvRows::Next CsvRows::next(CsvRow& row) {
    auto& parser = *parser_;
    parser.row.clear();
    parser.ended = false;
    for (;;) {
        if (at_ == text_.size() && !refill()) return finish(row);
        const auto piece = take_line();
        const bool rest_of_line_end = std::exchange(after_return_, false) && piece.front() == '\n';
        if (!open_) row_line_ = line_;
        if (piece.find('\0') != std::string_view::npos)
            return fail(line_,
                        "holds NUL bytes: it is not text, or it is in UTF-16 without a byte order "
                        "mark (set `encoding`)");
        if (!parse(piece)) return explain();
        const bool line_ended = piece.back() == '\n' || piece.back() == '\r';
        if (line_ended && !rest_of_line_end) ++line_;
        after_return_ = piece.back() == '\r';
        if (parser.ended) {
            open_ = false;
            std::swap(row, parser.row);
            row.line = row_line_;
            ended_by_line_ = true;
            return Next::row;
        }
        open_ = open_ || !is_blank(piece, parser.delimiter);
    }
}

std::string_view trimmed_cell(std::string_view cell) {
    constexpr std::string_view spaces = " \t\r\n";
    const auto begin = cell.find_first_not_of(spaces);
    if (begin == std::string_view::npos) return {};
    return cell.substr(begin, cell.find_last_not_of(spaces) - begin + 1);
}

std::optional<CsvFault> CsvColumns::find(const CsvRow& header,
                                         std::span<const std::string> places) {
    Names missing;
    Names twice;
    columns_.clear();
    width_ = header.size();
    for (const auto& place : places) {
        std::optional<std::size_t> found;
        for (std::size_t column = 0; column < width_; ++column) {
            if (trimmed_cell(header[column]) != place) continue;
            if (found) twice.add(place);
            found = column;
        }
        if (!found) missing.add(place);
        columns_.push_back(found.value_or(0));
    }
    if (missing.empty() && twice.empty()) return std::nullopt;
    std::string what;
    if (!missing.empty())
        what = "the header lacks the columns that `fields` names: " + missing.text();
    if (!missing.empty() && width_ == 1)
        what += ". It has one column only: is `delimiter` that of the file?";
    if (!twice.empty())
        what += (what.empty() ? "" : "; ") + ("two columns are called " + twice.text()) +
                ": have one of them renamed";
    return CsvFault{header.line, std::move(what)};
}

} // namespace medibridge::connectors
