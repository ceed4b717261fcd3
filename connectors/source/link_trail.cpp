#include "connectors/source/link_trail.hpp"

#include "base/bytes/hash.hpp"

namespace medibridge::connectors {

LinkTrail::LinkTrail(http::Url server, std::string first_target)
    : url_(std::move(server)),
      visited_{base::text_hash(first_target)} {
    url_.path = std::move(first_target);
}

LinkTrail::Step LinkTrail::follow(std::string_view link) {
    auto next = http::resolve(url_, link);
    if (!next) return Step::no_link;
    if (next->scheme != url_.scheme || next->host != url_.host || next->port != url_.port)
        return Step::elsewhere;
    if (next->path.empty()) next->path.assign(1, '/');
    url_ = *std::move(next);
    return visited_.insert(base::text_hash(url_.path)).second ? Step::followed : Step::circle;
}

} // namespace medibridge::connectors
