#pragma once

#include <string>
#include <utility>

namespace medibridge::base {

/// An open file descriptor; the destructor closes it.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    /// open(2) with O_CLOEXEC; a file that it creates has mode 0600. If it fails, is_open() is
    /// false and errno says why.
    Descriptor(const std::string& path, int flags);
    ~Descriptor() { reset(); }
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            reset();
            number_ = other.release();
        }
        return *this;
    }

    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }
    int release() { return std::exchange(number_, -1); }
    void reset();

  private:
    int number_ = -1;
};

} // namespace medibridge::base
