#include "connectors/csv/arrival_watch.hpp"

#include "base/bytes/descriptor.hpp"

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <sys/inotify.h>
#include <system_error>
#include <unistd.h>

namespace medibridge::connectors {

namespace {

constexpr std::size_t buffer_size = 64 << 10;
constexpr std::uint32_t watched =
    IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

ArrivalWatch::Happening happening_of(std::uint32_t mask) {
    if (mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT))
        return ArrivalWatch::Happening::ended;
    if (mask & IN_Q_OVERFLOW) return ArrivalWatch::Happening::unknown;
    return mask & IN_MOVED_TO ? ArrivalWatch::Happening::renamed_into
                              : ArrivalWatch::Happening::written;
}

base::Descriptor watch(const std::filesystem::path& directory) {
    base::Descriptor descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!descriptor.is_open() ||
        ::inotify_add_watch(descriptor.number(), directory.c_str(), watched) < 0)
        throw std::system_error(errno, std::generic_category(), "cannot be watched");
    return descriptor;
}

} // namespace

struct ArrivalWatch::State : std::enable_shared_from_this<State> {
    State(const boost::asio::any_io_executor& executor, base::Descriptor descriptor, Tell tell_)
        : stream(executor, descriptor.release()),
          tell(std::move(tell_)) {}

    void wait() {
        stream.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [self = shared_from_this()](boost::system::error_code error) {
                              if (!error && self->read()) self->wait();
                          });
    }

    /// Tells of all that has come; false when no more will.
    bool read() {
        alignas(inotify_event) std::array<char, buffer_size> buffer;
        for (;;) {
            const auto size = ::read(stream.native_handle(), buffer.data(), buffer.size());
            if (size <= 0) return size < 0 && (errno == EAGAIN || errno == EINTR);
            for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
                inotify_event event{};
                std::memcpy(&event, buffer.data() + at, sizeof event);
                const char* name = buffer.data() + at + sizeof event;
                at += sizeof event + event.len;
                const auto happening = happening_of(event.mask);
                const Tell now = tell; // a copy: what is told may end the watch
                if (!now) return false;
                now(happening, event.len > 0 ? std::string(name) : std::string());
                if (happening == Happening::ended) return false;
            }
        }
    }

    boost::asio::posix::stream_descriptor stream;
    Tell tell; ///< empty: nobody listens
};

ArrivalWatch::ArrivalWatch(const boost::asio::any_io_executor& executor,
                           const std::filesystem::path& directory, Tell tell)
    : state_(std::make_shared<State>(executor, watch(directory), std::move(tell))) {
    state_->wait();
}

ArrivalWatch::~ArrivalWatch() {
    state_->tell = nullptr;
    boost::system::error_code ignored; // closing an inotify descriptor cannot fail
    state_->stream.close(ignored);
}

} // namespace medibridge::connectors
