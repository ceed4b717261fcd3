#include "odd_things.hpp"

#include "base/bytes/descriptor.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <ostream>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace medibridge::tests {

namespace fs = std::filesystem;

namespace {

void require(bool done) {
    if (!done) throw std::runtime_error("the odd thing cannot be made");
}

void make_pipe(const fs::path& at) {
    require(::mkfifo(at.c_str(), 0600) == 0);
}

void make_socket(const fs::path& at) {
    const base::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    at.string().copy(address.sun_path, sizeof address.sun_path - 1);
    require(::bind(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

void make_link_to_pipe(const OddFolder& folder, const fs::path& at) {
    make_pipe(folder / "pipe");
    fs::create_symlink(folder / "pipe", at);
}

} // namespace

OddFolder::OddFolder() {
    std::string name = fs::temp_directory_path() / "odd-XXXXXX";
    require(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    std::ofstream(path_ / "victim") << content;
}

OddFolder::~OddFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string OddFolder::victim() const {
    std::ifstream in(path_ / "victim");
    return {std::istreambuf_iterator<char>(in), {}};
}

void PrintTo(const Odd& odd, std::ostream* out) {
    *out << odd.name;
}

const std::array<Odd, 9> odd_things = {{
    {"pipe", [](auto&, auto& at) { make_pipe(at); }, "a pipe"},
    {"link_to_pipe", make_link_to_pipe, "a "},
    {"socket", [](auto&, auto& at) { make_socket(at); }, "a socket"},
    {"directory", [](auto&, auto& at) { fs::create_directory(at); }, "is a directory"},
    {"link_to_device", [](auto&, auto& at) { fs::create_symlink("/dev/zero", at); }, "a "},
    {"link_to_terminal", [](auto&, auto& at) { fs::create_symlink("/dev/tty", at); }, ""},
    {"link_to_itself", [](auto&, auto& at) { fs::create_symlink(at, at); }, "symbolic link"},
    {"link", [](auto& folder, auto& at) { fs::create_symlink(folder / "victim", at); },
     "symbolic link", true},
    {"second_name", [](auto& folder, auto& at) { fs::create_hard_link(folder / "victim", at); },
     "hard link", true, true},
}};

} // namespace medibridge::tests
