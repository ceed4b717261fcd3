#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// HL7 v2: what stands in messages and how they travel. Pure, without sockets.
namespace medibridge::connectors::hl7 {

/// Of MLLP (HL7 v2 transport specification, release 1): VT message FS CR.
inline constexpr char start_block = '\x0b';
inline constexpr char end_block = '\x1c';

/// One thing that a connection brought.
class MllpPiece {
  public:
    enum class Kind {
        message,   ///< `bytes` is a complete block, without its marks
        too_large, ///< a block over the limit came to its end; `bytes` is its beginning
        skipped,   ///< likewise, of a block that skip() had dropped
        cut,       ///< a block began and another began before its end, or the connection ended
        stray,     ///< bytes outside of any block
    };

    MllpPiece() = default;
    MllpPiece(Kind its_kind, std::string its_bytes, std::size_t its_size)
        : kind(its_kind),
          bytes(std::move(its_bytes)),
          size(its_size) {}

    Kind kind = Kind::message;
    std::string bytes;    ///< empty for what is dropped
    std::size_t size = 0; ///< in bytes, of all of it
};

/// `message` as it travels.
std::string framed(std::string_view message);

/// Splits a stream of bytes into MLLP blocks, however it is cut into pieces. A block ends with FS
/// CR, and further line ends may follow. Time is linear in the bytes; memory is bounded by the
/// limit plus what is added at once.
///
/// Either mark may stand in a text by mistake, and then belongs to it: an FS without CR, unless the
/// next block begins behind it (some senders leave the CR out); FS CR with another segment of the
/// message behind it; VT, unless a header (MSH, BHS, FHS) follows, because then the former block
/// was cut and the next one begins.
class MllpFrames {
  public:
    /// Of a block over the limit so much is kept, to answer its sender.
    static constexpr std::size_t head_limit = 4096;

    explicit MllpFrames(std::size_t max_message) : max_message_(max_message) {}

    void add(std::string_view bytes);
    /// The next piece of what was added; nothing: more bytes are needed.
    std::optional<MllpPiece> next();
    /// Nothing in what was added says whether the FS at its end ends the block: a sender that waits
    /// for its answer now has left the CR out.
    bool may_have_ended() const;
    /// The block that ended so.
    MllpPiece end_here();
    /// Drops the block that is under way as it arrives, all but its beginning.
    void skip();
    /// What is known of a block that is being dropped; its end is not waited for, and nothing may
    /// be added afterwards.
    MllpPiece give_up();
    /// What is unfinished when the stream ends; nothing: it ended between two blocks.
    std::optional<MllpPiece> finish();

    /// A block has begun and not ended.
    bool within_block() const { return state_ != State::outside; }
    /// Gives back memory that is not needed any more.
    void compact();
    /// The block that is under way is dropped as it arrives.
    bool skipping() const { return state_ == State::skipping; }
    /// Bytes of the block that is under way.
    std::size_t block_size() const { return block_size_ + (input_.size() - begin_); }
    /// Bytes in memory.
    std::size_t held() const { return input_.capacity(); }
    /// Bytes dropped since the last block that came to its end: a peer that sends nothing else
    /// speaks no MLLP.
    std::size_t dropped() const { return dropped_; }

  private:
    enum class State { outside, inside, skipping };
    enum class Mark { text, undecided, begin, end };
    /// What the VT or FS at `scan_` means, and how many bytes belong to it if it is text.
    struct Meaning {
        Mark mark = Mark::text;
        std::size_t size = 1;
        bool has_line_end = false; ///< CR stands behind an FS
    };

    std::optional<MllpPiece> find_start();
    std::optional<MllpPiece> find_end();
    MllpPiece end_of_block(std::size_t at);
    void drop_block(MllpPiece::Kind why);
    Meaning meaning() const;
    Meaning meaning_of_end() const;
    bool is_segment(std::string_view text) const;

    std::size_t max_message_;
    State state_ = State::outside;
    std::string input_;
    std::size_t begin_ = 0; ///< of the block, or of what was not looked at yet
    std::size_t scan_ = 0;  ///< looked at up to here
    std::string head_;      ///< of a block that is dropped
    MllpPiece::Kind dropping_ = MllpPiece::Kind::too_large;
    std::size_t block_size_ = 0;
    std::size_t stray_ = 0;
    std::size_t dropped_ = 0;
    char separator_ = 0;        ///< of the block's fields
    bool ends_with_cr_ = false; ///< the sender does as it should
};

} // namespace medibridge::connectors::hl7
