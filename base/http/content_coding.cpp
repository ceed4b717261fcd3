#include "base/http/answer.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

namespace medibridge::http {
namespace {

/// Nobody compresses more than twice; each further coding is work that a peer imposes for nothing.
constexpr std::size_t most_codings = 4;
constexpr std::string_view gzip_magic = "\x1f\x8b";

/// zlib's windowBits for the three forms.
constexpr int gzip_form = 15 + 16;
constexpr int zlib_form = 15;
constexpr int raw_form = -15;

enum class Unpacked { whole, damaged, cut_off, too_large };

/// A stream of zlib's; the destructor ends it.
class Inflater {
  public:
    explicit Inflater(int form) {
        if (inflateInit2(&stream_, form) != Z_OK) throw std::bad_alloc();
    }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// Unpacks the stream at the beginning of `in`, removes it from `in`, and appends to `out`.
    Unpacked unpack(std::string_view& in, std::string& out, std::size_t limit) {
        inflateReset(&stream_);
        int state = Z_OK;
        while (state == Z_OK) {
            const auto offered = std::min<std::size_t>(in.size(), most_offered);
            // zlib's interface does not know const.
            stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
            stream_.avail_in = static_cast<uInt>(offered);
            stream_.next_out = block_.data();
            stream_.avail_out = static_cast<uInt>(block_.size());
            state = inflate(&stream_, Z_NO_FLUSH);
            in.remove_prefix(offered - stream_.avail_in);
            const std::size_t made = block_.size() - stream_.avail_out;
            if (made > limit - out.size()) return Unpacked::too_large;
            out.append(reinterpret_cast<const char*>(block_.data()), made);
        }
        if (state == Z_STREAM_END) return Unpacked::whole;
        if (state == Z_MEM_ERROR) throw std::bad_alloc();
        return state == Z_BUF_ERROR ? Unpacked::cut_off : Unpacked::damaged;
    }

  private:
    static constexpr std::size_t most_offered = std::numeric_limits<uInt>::max() / 2;

    z_stream stream_{};
    std::array<Bytef, 32u << 10> block_;
};

/// RFC 1952: one member after the other. A body that does not begin as gzip does was unpacked on
/// its way, and only the header stayed. Bytes that follow a complete member and begin no other are
/// padding: its checksum proves each member.
Unpacked undo_gzip(std::string& body, std::size_t limit) {
    std::string_view rest = body;
    if (!rest.starts_with(gzip_magic.substr(0, rest.size()))) return Unpacked::whole;
    std::string out;
    Inflater inflater(gzip_form);
    do {
        const auto ended = inflater.unpack(rest, out, limit);
        if (ended != Unpacked::whole) return ended;
    } while (rest.starts_with(gzip_magic));
    body = std::move(out);
    return Unpacked::whole;
}

Unpacked undo_deflate_as(int form, std::string& body, std::size_t limit) {
    std::string_view rest = body;
    std::string out;
    const auto ended = Inflater(form).unpack(rest, out, limit);
    if (ended == Unpacked::whole) body = std::move(out);
    return ended;
}

/// RFC 9110 §8.4.1.2: in zlib's format; some servers leave that format out.
Unpacked undo_deflate(std::string& body, std::size_t limit) {
    const auto ended = undo_deflate_as(zlib_form, body, limit);
    return ended == Unpacked::damaged ? undo_deflate_as(raw_form, body, limit) : ended;
}

std::string_view trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

/// Values that mean no compression: none, and some that servers put here by mistake.
bool leaves_as_is(std::string_view coding) {
    return std::ranges::any_of(
        std::array<std::string_view, 5>{"", "identity", "none", "utf-8", "utf8"},
        [coding](std::string_view known) {
            return base::equal_ignoring_ascii_case(coding, known);
        });
}

/// The codings in the order in which they were applied, from all headers of that name (RFC 9110
/// §5.3). Views of the headers.
std::vector<std::string_view> codings_of(const Response& response) {
    std::vector<std::string_view> codings;
    for (const auto& [name, value] : response.headers) {
        if (!base::equal_ignoring_ascii_case(name, "Content-Encoding")) continue;
        std::string_view rest = value;
        for (;;) {
            const auto comma = rest.find(',');
            const auto coding = trimmed(rest.substr(0, comma));
            if (!leaves_as_is(coding)) codings.push_back(coding);
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    return codings;
}

/// The coding's name if it is one that exists (IANA's registry of content codings, and some that
/// are in use without it): it comes from the peer and goes into a log.
std::string shown(std::string_view coding) {
    constexpr std::array<std::string_view, 17> known{
        "gzip", "x-gzip",    "deflate",      "br", "zstd", "compress", "x-compress", "exi", "dcb",
        "dcz",  "aes128gcm", "pack200-gzip", "xz", "lzma", "bzip2",    "snappy",     "lz4"};
    for (const auto name : known)
        if (base::equal_ignoring_ascii_case(coding, name)) return std::string(name);
    return "something unknown";
}

/// Why the coding cannot be undone; nothing if it was.
std::optional<Error> undo(std::string_view coding, std::string& body, std::size_t limit) {
    const auto failed = [](ErrorKind kind, std::string what) {
        return Error(kind, true, std::move(what));
    };
    auto ended = Unpacked::whole;
    if (base::equal_ignoring_ascii_case(coding, "gzip") ||
        base::equal_ignoring_ascii_case(coding, "x-gzip"))
        ended = undo_gzip(body, limit);
    else if (base::equal_ignoring_ascii_case(coding, "deflate"))
        ended = undo_deflate(body, limit);
    else
        return failed(ErrorKind::malformed, "the answer's body is compressed with " +
                                                shown(coding) +
                                                ", which was not requested: only gzip and deflate "
                                                "are supported");
    const std::string body_of = "the answer's " + shown(coding) + " body ";
    switch (ended) {
    case Unpacked::whole:
        return std::nullopt;
    case Unpacked::cut_off:
        return failed(ErrorKind::malformed, body_of + "is cut short");
    case Unpacked::damaged:
        return failed(ErrorKind::malformed, body_of + "is damaged");
    case Unpacked::too_large:
        break;
    }
    return failed(ErrorKind::too_large, body_of + "expands to more than is allowed");
}

std::optional<Error> undo_all(Response& response, std::size_t limit) {
    const auto codings = codings_of(response);
    if (codings.size() > most_codings)
        return Error(ErrorKind::malformed, true, "the answer's body is compressed too many times");
    for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
        // An empty body needs no unpacking: answers without content keep the header (RFC 9110
        // §8.6).
        if (response.body.empty()) break;
        if (auto error = undo(*coding, response.body, limit)) return error;
    }
    return std::nullopt;
}

} // namespace

std::optional<Error> undo_content_coding(Response& response, std::size_t limit) {
    auto error = undo_all(response, limit);
    std::erase_if(response.headers, [](const auto& header) {
        return base::equal_ignoring_ascii_case(header.first, "Content-Encoding");
    });
    if (error && response.status / 100 != 2) {
        response.body.clear();
        error.reset();
    }
    return error;
}

} // namespace medibridge::http
