#include "sandbox/packing.hpp"

#include <stdexcept>
#include <zlib.h>

namespace medibridge::sandbox {

std::string_view name(Packing packing) {
    return packing == Packing::gzip ? "gzip" : "deflate";
}

std::string packed(std::string_view body, Packing packing) {
    constexpr int window = 15;
    constexpr int gzip_frame = 16;
    constexpr int memory = 8;
    z_stream stream{};
    const int form = packing == Packing::gzip ? window + gzip_frame : window;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, form, memory,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("zlib cannot pack");
    std::string out(deflateBound(&stream, body.size()), '\0');
    // zlib's interface is older than const.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int state = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (state != Z_STREAM_END) throw std::runtime_error("zlib cannot pack");
    return out;
}

} // namespace medibridge::sandbox
