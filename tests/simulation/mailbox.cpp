#include "mailbox.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace medibridge::simulation {

namespace {

using connectors::SourcePage;
using connectors::SourceResult;
using nlohmann::json;
using runtime::Task;

/// A row's identifier, without what tells a second row from the first.
std::string identifier_of(const json& row) {
    auto text = row.at("ipp").get<std::string>();
    while (text.ends_with(' '))
        text.pop_back();
    return text;
}

/// Asks the mailbox for what the reading under way is to show.
class Opening final : public http::Transport {
  public:
    explicit Opening(const Mailbox& mailbox) : mailbox_(&mailbox) {}
    bool only_new = false;
    Task<http::Result> send(http::Request request) override {
        co_return mailbox_->answer(request, only_new);
    }

  private:
    const Mailbox* mailbox_;
};

class PushedSource final : public connectors::Source {
  public:
    PushedSource(Mailbox& mailbox, const MakeList& make_list)
        : mailbox_(&mailbox),
          opening_(mailbox),
          list_(make_list(opening_)) {}

    const std::string& name() const override { return list_->name(); }
    std::unique_ptr<connectors::SourceReading>
    read(std::optional<reconcile::Instant> since) override {
        return std::make_unique<Reading>(*this, since.has_value());
    }
    std::int64_t requests() const override { return 0; }
    void cancel() override { list_->cancel(); }
    bool keeps_cursor() const override { return true; }
    Task<void> taken(std::int64_t cursor) override {
        mailbox_->take(cursor);
        co_return;
    }

  private:
    class Reading final : public connectors::SourceReading {
      public:
        Reading(PushedSource& source, bool only_new)
            : source_(&source),
              only_new_(only_new),
              pass_(source.list_->read(std::nullopt)) {}
        Task<SourceResult<SourcePage>> next() override {
            // What comes from here on has a later number, and comes again.
            cursor_ = source_->mailbox_->last();
            source_->opening_.only_new = only_new_;
            co_return co_await pass_->next();
        }
        bool proven() const override { return true; }
        std::uint64_t fingerprint() const override { return pass_->fingerprint(); }
        std::int64_t cursor() const override { return cursor_; }

      private:
        PushedSource* source_;
        bool only_new_;
        std::unique_ptr<connectors::SourceReading> pass_;
        std::int64_t cursor_ = 0;
    };

    Mailbox* mailbox_;
    Opening opening_;
    std::unique_ptr<connectors::Source> list_;
};

} // namespace

http::Result Mailbox::answer(const http::Request& request, bool only_new) const {
    auto reply = ask_(request);
    if (!reply || !only_new) return reply;
    auto body = json::parse(reply->body);
    auto& rows = body["patients"];
    json fresh = json::array();
    for (auto& row : rows) {
        const auto arrived = sequences_.find(identifier_of(row));
        if (arrived != sequences_.end() && arrived->second > taken_)
            fresh.push_back(std::move(row));
    }
    body["pagination"]["total"] = fresh.size();
    rows = std::move(fresh);
    reply->body = body.dump();
    return reply;
}

std::unique_ptr<connectors::Source> make_pushed_source(Mailbox& mailbox,
                                                       const MakeList& make_list) {
    return std::make_unique<PushedSource>(mailbox, make_list);
}

} // namespace medibridge::simulation
