#pragma once

#include "his_table.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace medibridge::tests {

/// A test that runs on each of the databases; its parameter is the database's name. The server is
/// started by the first one of a process and serves them all.
class OnDatabase : public testing::TestWithParam<std::string> {
  protected:
    void SetUp() override;
    void TearDown() override { table.reset(); }

    /// Whether this process has used no other driver: psqlODBC changes how SQLite's reads bytes.
    static bool is_alone();

    std::unique_ptr<HisTable> table;
};

inline std::string database_name(const testing::TestParamInfo<std::string>& info) {
    return info.param;
}

/// Those that are servers.
class OnServer : public OnDatabase {};

} // namespace medibridge::tests
