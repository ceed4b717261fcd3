#include "connectors/hl7v2/mllp_frame.hpp"

#include "base/bytes/ascii.hpp"
#include "connectors/hl7v2/message.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace medibridge::connectors::hl7 {

namespace {

/// Behind an FS: more of them, or of line ends, are nothing that ends a block.
constexpr std::size_t longest_end = 16;

/// Memory that is kept for the next block, in bytes.
constexpr std::size_t kept_capacity = 64 << 10;

/// What may stand between two blocks without a word about it.
bool is_padding(char c) {
    return c == '\r' || c == '\n' || c == end_block;
}

enum class Match { no, so_far, yes };

/// Whether one of the headers with which a block's content begins stands there.
Match header_at(std::string_view text) {
    text = text.substr(0, segment_name_size);
    constexpr std::array<std::string_view, 3> headers{"MSH", "BHS", "FHS"};
    const bool begins = std::ranges::any_of(
        headers, [text](std::string_view header) { return header.starts_with(text); });
    if (!begins) return Match::no;
    return text.size() == segment_name_size ? Match::yes : Match::so_far;
}

/// Whether a segment's name stands there, or the beginning of one where nothing follows.
bool is_name(std::string_view text) {
    const auto is_sign = [](char c) { return base::is_ascii_upper(c) || base::is_ascii_digit(c); };
    return !text.empty() && base::is_ascii_upper(text.front()) &&
           std::ranges::all_of(text.substr(0, segment_name_size), is_sign);
}

} // namespace

std::string framed(std::string_view message) {
    std::string out;
    out.reserve(message.size() + 3);
    out += start_block;
    out += message;
    out += end_block;
    out += '\r';
    return out;
}

void MllpFrames::add(std::string_view bytes) {
    compact();
    input_ += bytes;
}

/// Moves bytes only when at least as many were consumed, so that it is linear over all.
void MllpFrames::compact() {
    if (begin_ * 2 < input_.size()) return;
    input_.erase(0, begin_);
    scan_ -= begin_;
    begin_ = 0;
    // A large block must not keep its memory for as long as the connection lasts.
    if (input_.capacity() > kept_capacity && input_.size() * 4 < input_.capacity())
        input_.shrink_to_fit();
}

std::optional<MllpPiece> MllpFrames::next() {
    if (state_ == State::outside) {
        if (auto piece = find_start()) return piece;
    }
    if (state_ == State::outside) return std::nullopt;
    return find_end();
}

std::optional<MllpPiece> MllpFrames::find_start() {
    while (scan_ < input_.size() && input_[scan_] != start_block) {
        if (!is_padding(input_[scan_])) ++stray_;
        ++scan_;
    }
    begin_ = scan_;
    if (scan_ == input_.size()) return std::nullopt;
    begin_ = ++scan_;
    state_ = State::inside;
    block_size_ = 0;
    if (stray_ == 0) return std::nullopt;
    dropped_ += stray_;
    return MllpPiece(MllpPiece::Kind::stray, {}, std::exchange(stray_, 0));
}

std::optional<MllpPiece> MllpFrames::find_end() {
    while (scan_ < input_.size()) {
        const char c = input_[scan_];
        std::size_t size = 1;
        if (c == end_block || c == start_block) {
            const auto its = meaning();
            if (its.mark == Mark::undecided) break;
            if (its.mark != Mark::text) {
                ends_with_cr_ = ends_with_cr_ || its.has_line_end;
                return end_of_block(scan_);
            }
            size = its.size;
        }
        if (scan_ - begin_ == segment_name_size && state_ == State::inside) separator_ = c;
        scan_ += size;
        if (state_ == State::inside && scan_ - begin_ > max_message_)
            drop_block(MllpPiece::Kind::too_large);
    }
    if (state_ == State::skipping) {
        block_size_ += scan_ - begin_;
        begin_ = scan_;
    }
    return std::nullopt;
}

void MllpFrames::drop_block(MllpPiece::Kind why) {
    head_ = input_.substr(begin_, std::min(head_limit, scan_ - begin_));
    block_size_ = scan_ - begin_;
    begin_ = scan_;
    state_ = State::skipping;
    dropping_ = why;
}

void MllpFrames::skip() {
    if (state_ == State::inside) drop_block(MllpPiece::Kind::skipped);
    compact();
}

MllpPiece MllpFrames::give_up() {
    MllpPiece piece(dropping_, std::move(head_), block_size());
    state_ = State::outside;
    input_.clear();
    begin_ = scan_ = 0;
    return piece;
}

MllpFrames::Meaning MllpFrames::meaning() const {
    if (input_[scan_] == end_block) return meaning_of_end();
    switch (header_at(std::string_view(input_).substr(scan_ + 1))) {
    case Match::yes:
        return {Mark::begin, 1, false};
    case Match::so_far:
        return {Mark::undecided, 1, false};
    case Match::no:
        break;
    }
    return {};
}

MllpFrames::Meaning MllpFrames::meaning_of_end() const {
    Meaning its;
    auto next = scan_ + 1;
    for (; next < input_.size() && is_padding(input_[next]); ++next) {
        its.has_line_end = its.has_line_end || input_[next] == '\r';
        if (next - scan_ > longest_end) break;
    }
    its.size = next - scan_;
    const auto rest = std::string_view(input_).substr(next);
    if (rest.empty()) {
        its.mark = its.has_line_end ? Mark::end : Mark::undecided;
    } else if (rest.front() == start_block && !its.has_line_end) {
        const auto header = header_at(rest.substr(1));
        its.mark = header == Match::yes      ? Mark::end
                   : header == Match::so_far ? Mark::undecided
                                             : Mark::text;
    } else if (its.has_line_end) {
        const bool may_become_one = rest.size() <= segment_name_size && is_name(rest);
        its.mark = may_become_one ? Mark::undecided : is_segment(rest) ? Mark::text : Mark::end;
    }
    return its;
}

/// Whether a segment of the block begins there, but no header.
bool MllpFrames::is_segment(std::string_view text) const {
    return text.size() > segment_name_size && is_name(text) &&
           text[segment_name_size] == separator_ && header_at(text) == Match::no;
}

bool MllpFrames::may_have_ended() const {
    if (state_ == State::outside || scan_ >= input_.size() || input_[scan_] != end_block)
        return false;
    const auto its = meaning_of_end();
    return its.mark == Mark::undecided && (its.has_line_end || !ends_with_cr_);
}

MllpPiece MllpFrames::end_here() {
    return end_of_block(scan_);
}

MllpPiece MllpFrames::end_of_block(std::size_t at) {
    const std::size_t size = block_size_ + (at - begin_);
    const bool whole = input_[at] == end_block;
    MllpPiece piece(MllpPiece::Kind::cut, {}, size);
    if (whole && state_ == State::skipping)
        piece = MllpPiece(dropping_, std::move(head_), size);
    else if (whole)
        piece = MllpPiece(MllpPiece::Kind::message, input_.substr(begin_, size), size);
    if (whole)
        dropped_ = 0;
    else
        dropped_ += size + 1; // its mark, too
    begin_ = scan_ = at + 1;
    block_size_ = 0;
    separator_ = 0;
    head_.clear();
    state_ = whole ? State::outside : State::inside;
    return piece;
}

std::optional<MllpPiece> MllpFrames::finish() {
    const bool at_end = state_ != State::outside && scan_ < input_.size();
    if (at_end && input_[scan_] == end_block) return end_here();
    if (state_ != State::outside) {
        const std::size_t size = block_size_ + (input_.size() - begin_);
        state_ = State::outside;
        begin_ = scan_ = input_.size();
        return MllpPiece(MllpPiece::Kind::cut, {}, size);
    }
    if (stray_ == 0) return std::nullopt;
    return MllpPiece(MllpPiece::Kind::stray, {}, std::exchange(stray_, 0));
}

} // namespace medibridge::connectors::hl7
