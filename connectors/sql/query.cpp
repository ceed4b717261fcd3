#include "connectors/sql/query.hpp"

#include "connectors/sql/parameters.hpp"

#include <stdexcept>

namespace medibridge::connectors {

SqlQuery::SqlQuery(std::string_view sql) {
    auto found = find_sql_parameters(sql);
    text_ = std::move(found.text);
    for (const auto& name : found.names) {
        if (name == "modified_after")
            parameters_.push_back(Parameter::modified_after);
        else if (name == "after_id")
            parameters_.push_back(Parameter::after_id);
        else if (name == "limit")
            parameters_.push_back(Parameter::limit);
        else if (name == "external_id")
            parameters_.push_back(Parameter::external_id);
        else
            throw std::invalid_argument("query: its parameters are :modified_after, :after_id, "
                                        ":limit and :external_id");
    }
}

std::vector<OdbcValue> SqlQuery::values(const SqlPosition& position) const {
    std::vector<OdbcValue> values;
    values.reserve(parameters_.size());
    for (const auto parameter : parameters_) {
        if (parameter == Parameter::modified_after)
            values.emplace_back(position.modified_after);
        else if (parameter == Parameter::after_id)
            values.emplace_back(position.after_id);
        else if (parameter == Parameter::external_id)
            values.emplace_back(position.external_id);
        else
            values.emplace_back(position.limit);
    }
    return values;
}

} // namespace medibridge::connectors
