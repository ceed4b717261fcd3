#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::tests {

/// docs/control-api.yaml, as a check of what is served.
class ApiSchema {
  public:
    ApiSchema();

    /// Each operation that it describes: method and path as they stand there.
    std::vector<std::pair<std::string, std::string>> operations() const;
    /// What is wrong with an answer with status 200, or a line of one; empty: nothing.
    std::string faults(const std::string& method, const std::string& path,
                       const nlohmann::json& answer) const;
    /// The same of an error.
    std::string faults_of_error(const nlohmann::json& answer) const;

  private:
    std::string check(const nlohmann::json& schema, const nlohmann::json& answer) const;

    nlohmann::json document_;
};

} // namespace medibridge::tests
