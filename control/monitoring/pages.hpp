#pragma once

#include "base/http/server.hpp"
#include "base/runtime/task.hpp"
#include "control/monitoring/snapshot.hpp"

#include <functional>
#include <string>
#include <vector>

namespace medibridge::monitoring {

/// `/healthz`, `/readyz` and `/metrics`, for GET and HEAD. Who asks must name the server by an IP
/// address, `localhost` or one of its names: a page of the web that leads a browser here by a name
/// of its own (DNS rebinding) gets nothing.
class Pages {
  public:
    /// `look` gives what is to be seen now, and must not wait.
    explicit Pages(std::function<Snapshot()> look) : look_(std::move(look)) {}

    /// By which names, in lower case, the server is known.
    void answer_to(std::vector<std::string> names) { names_ = std::move(names); }

    runtime::Task<void> handle(const http::ServerRequest& request, http::ResponseWriter& writer);

  private:
    struct Page {
        int status = 200;
        const char* type = "text/plain; charset=utf-8";
        std::string body;
    };
    Page page(const http::ServerRequest& request) const;
    bool is_named(const std::string& host) const;

    std::function<Snapshot()> look_;
    std::vector<std::string> names_;
};

} // namespace medibridge::monitoring
