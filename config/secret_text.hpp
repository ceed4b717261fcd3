#pragma once

#include <string>
#include <utility>

namespace medibridge::config {

/// A secret's text. It has no stream operator and no formatter, so that it cannot be printed by
/// accident.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    const std::string& reveal() const { return text_; }
    bool empty() const { return text_.empty(); }

  private:
    std::string text_;
};

} // namespace medibridge::config
