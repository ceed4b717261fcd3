#include "connectors/his/hl7/mllp_frame.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors::hl7 {

namespace {

/// What may stand between two blocks without a word about it.
bool is_padding(char c) {
    return c == '\r' || c == '\n' || c == end_block;
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
    forget_consumed();
    input_ += bytes;
}

/// Moves bytes only when at least as many were consumed, so that it is linear over all.
void MllpFrames::forget_consumed() {
    if (begin_ * 2 < input_.size()) return;
    input_.erase(0, begin_);
    scan_ -= begin_;
    begin_ = 0;
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
        if (c == end_block || c == start_block) return end_of_block(scan_);
        ++scan_;
        if (state_ == State::inside && scan_ - begin_ > max_message_) {
            head_ = input_.substr(begin_, std::min(head_limit, scan_ - begin_));
            block_size_ = scan_ - begin_;
            begin_ = scan_;
            state_ = State::skipping;
        }
    }
    if (state_ == State::skipping) {
        block_size_ += scan_ - begin_;
        begin_ = scan_;
    }
    return std::nullopt;
}

std::optional<MllpPiece> MllpFrames::end_of_block(std::size_t at) {
    const std::size_t size = block_size_ + (at - begin_);
    const bool whole = input_[at] == end_block;
    MllpPiece piece(MllpPiece::Kind::cut, {}, size);
    if (whole && state_ == State::skipping)
        piece = MllpPiece(MllpPiece::Kind::too_large, std::move(head_), size);
    else if (whole)
        piece = MllpPiece(MllpPiece::Kind::message, input_.substr(begin_, size), size);
    if (piece.kind == MllpPiece::Kind::message)
        dropped_ = 0;
    else
        dropped_ += size + 1; // its mark, too
    begin_ = scan_ = at + 1;
    block_size_ = 0;
    head_.clear();
    state_ = whole ? State::outside : State::inside;
    return piece;
}

std::optional<MllpPiece> MllpFrames::finish() {
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
