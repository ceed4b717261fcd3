#include "daemon/addressed_log.hpp"

#include "config/site.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

namespace medibridge::daemon {

namespace {

class AddressedLog final : public log::EventLog {
  public:
    AddressedLog(std::unique_ptr<log::EventLog> next, std::filesystem::path config_file)
        : next_(std::move(next)),
          config_file_(std::move(config_file)) {}

    /// Of two values of a key the last one is written.
    void write(const log::Event& event) override {
        const bool suggests = std::ranges::any_of(event.fields(), [](const auto& field) {
            const auto* const text = std::get_if<std::string>(&field.second);
            return text && config::suggests_command(*text);
        });
        if (!suggests) {
            next_->write(event);
            return;
        }
        auto told = event;
        for (const auto& [key, value] : event.fields()) {
            const auto* const text = std::get_if<std::string>(&value);
            auto words = text ? config::addressed(*text, config_file_) : std::string();
            if (text && words != *text) told.add(key, std::move(words));
        }
        next_->write(told);
    }

  private:
    std::unique_ptr<log::EventLog> next_;
    std::filesystem::path config_file_;
};

} // namespace

std::unique_ptr<log::EventLog> addressed_log(std::unique_ptr<log::EventLog> log,
                                             const std::filesystem::path& config_file) {
    if (config::is_found_without_its_name(config_file)) return log;
    return std::make_unique<AddressedLog>(std::move(log), config_file);
}

} // namespace medibridge::daemon
