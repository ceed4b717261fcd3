#pragma once

#include "reconcile/assess.hpp"
#include "sync/core/item.hpp"
#include "sync/shell/context.hpp"
#include "sync/shell/pipeline.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// New patients whom two sources describe in one cycle, and not alike: as different people, or one
/// as dead or closed. Whichever came first would be created, so their records wait until every
/// source was read, and are decided together: different people are held as `ambiguous_source`.
///
/// With one source there are none, and nothing is kept.
class Contested {
  public:
    explicit Contested(Context& context) : context_(&context) {}

    /// Takes note of what the survey reads. Who is linked is nobody new; who is held as ambiguous
    /// is decided with every record at hand.
    void note(const Item& item);

    /// Moves the records of contested patients out of `records`.
    void set_aside(const std::string& source, std::vector<reconcile::Assessed>& records);

    /// Decides, once all sources are written.
    runtime::Task<void> settle(Pipeline& pipeline, Coverage coverage);

  private:
    using BySource = std::map<std::string, reconcile::Assessed>;

    struct Noted {
        std::uint64_t description = 0;
        std::uint64_t source = 0;
    };

    bool several_sources() const { return context_->source_names.size() > 1; }
    void note(const std::string& source, const reconcile::Assessed& record);
    void contest(const std::string& external_id);
    void judge(BySource& records);

    Context* context_;
    std::unordered_map<std::uint64_t, Noted> noted_; ///< by the externalId's hash
    std::unordered_set<std::string> contested_;
    std::map<std::string, BySource> records_; ///< by externalId
};

} // namespace medibridge::sync
