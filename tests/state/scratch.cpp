#include "scratch.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace medibridge::state::test {

namespace fs = std::filesystem;

namespace {

constexpr uid_t nobody = 65534;

} // namespace

Scratch::Scratch() {
    std::string name = (fs::temp_directory_path() / "medibridge-state-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory_ = fs::canonical(name);
}

Scratch::~Scratch() {
    std::error_code ignored;
    fs::permissions(directory_, fs::perms::owner_all, ignored);
    fs::remove_all(directory_, ignored);
}

std::string Scratch::names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_))
        names.push_back(entry.path().filename());
    std::ranges::sort(names);
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ",") + name;
    return text;
}

std::string bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

std::optional<StoreError> store_error(const std::function<void()>& job) {
    try {
        job();
    } catch (const StoreError& error) {
        return error;
    }
    return {};
}

WithoutRights::WithoutRights(const fs::path& directory) : former_(::geteuid()) {
    if (former_ != 0) return;
    for (const auto& entry : fs::directory_iterator(directory))
        if (::lchown(entry.path().c_str(), nobody, static_cast<gid_t>(-1)) != 0)
            throw std::runtime_error("cannot give the files away");
    if (::lchown(directory.c_str(), nobody, static_cast<gid_t>(-1)) != 0 || ::seteuid(nobody) != 0)
        throw std::runtime_error("cannot become another user");
}

WithoutRights::~WithoutRights() {
    if (::seteuid(former_) != 0) std::abort();
}

Child::Child(const Job& job) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("no child");
    if (pid_ == 0) {
        ::close(ends[0]);
        try {
            job(ends[1]);
        } catch (...) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    ::close(ends[1]);
    from_child_ = ends[0];
}

Child::~Child() {
    kill();
    ::close(from_child_);
}

std::optional<std::int64_t> Child::receive() {
    std::int64_t number = 0;
    if (::read(from_child_, &number, sizeof number) != sizeof number) return {};
    return number;
}

std::optional<std::int64_t> Child::kill() {
    if (pid_ < 0) return {};
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
    std::optional<std::int64_t> last;
    while (const auto number = receive())
        last = number;
    return last;
}

void send(int to_parent, std::int64_t number) {
    if (::write(to_parent, &number, sizeof number) != sizeof number) ::_exit(2);
}

} // namespace medibridge::state::test
