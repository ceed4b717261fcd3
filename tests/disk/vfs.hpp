#pragma once

#include "drive.hpp"

#include <sqlite3.h>

namespace medibridge::disk {

/// Lets SQLite use a drive, under a name of its own, for as long as this lives.
class Vfs {
  public:
    explicit Vfs(Drive& drive);
    Vfs(const Vfs&) = delete;
    Vfs& operator=(const Vfs&) = delete;
    ~Vfs();

    const char* name() const { return name_.c_str(); }

  private:
    std::string name_;
    sqlite3_vfs vfs_{};
};

} // namespace medibridge::disk
