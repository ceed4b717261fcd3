#include "servers.hpp"

#include <map>

namespace medibridge::tests {

namespace {

/// Goes at the end of main, with its servers.
std::map<std::string, std::unique_ptr<Database>>& databases() {
    static std::map<std::string, std::unique_ptr<Database>> all;
    return all;
}

class Servers : public testing::Environment {
  public:
    void TearDown() override { databases().clear(); }
};

const auto* const registered = testing::AddGlobalTestEnvironment(new Servers);

} // namespace

void OnDatabase::SetUp() {
    auto& all = databases();
    if (!all.contains(GetParam())) all[GetParam()] = start_database(GetParam());
    if (!all[GetParam()])
        GTEST_SKIP() << "the packages of " << GetParam() << " are not installed: scripts/setup";
    table = std::make_unique<HisTable>(*all[GetParam()]);
}

bool OnDatabase::is_alone() {
    return databases().size() == 1;
}

} // namespace medibridge::tests
