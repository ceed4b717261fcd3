#pragma once

#include "reconcile/assess.hpp"
#include "sync/shell/context.hpp"
#include "sync/shell/source_pass.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace medibridge::sync {

/// What records say of who was merged into whom: of other patients than their own (a former number,
/// somebody whom they replace), or of their own. Believed only where no record of that patient in
/// use stands against it, in any source: a record in use wins, whatever the order of pages, polls
/// and sources.
class Claims {
  public:
    /// `sources`: all that the cycle reads.
    Claims(Context& context, std::vector<connectors::Source*> sources)
        : context_(&context),
          sources_(std::move(sources)) {}

    /// What a source showed before the first write; any of it refutes what others claim.
    void take_witness(const SourcePass& pass);

    /// Forgets what a pass that did not come to its end has left.
    void begin_pass();

    /// Keeps the claims that matter to Medicapp, those of `claims` and those of the records about
    /// their own patients, and moves the records of those whom they name as survivors out of
    /// `records`, until settle(): who is renamed must not be created first.
    runtime::Task<void> set_aside(const std::string& source,
                                  std::vector<reconcile::Assessed> claims,
                                  std::vector<reconcile::Assessed>& records);

    /// At the end of the pass: the claims that stand, and the survivors' records. A claim about a
    /// linked patient takes a look at the whole of every source that may know better.
    runtime::Task<std::vector<reconcile::Assessed>> settle(const SourcePass& pass);

  private:
    struct Claim {
        reconcile::Assessed record;
        bool linked = false; ///< the patient whom it is about
    };

    struct Witness {
        std::shared_ptr<const ShownPatients> shown;
        bool whole = false; ///< it showed everybody
    };

    bool is_refuted(const std::string& source, const reconcile::Assessed& claim) const;
    bool is_to_be_asked(const connectors::Source& source, const SourcePass& pass) const;
    runtime::Task<bool> look(connectors::Source& asked, const std::string& source);
    void keep_chains(std::vector<reconcile::Assessed>& settled);
    void refute(const std::string& source, const ShownPatients& shown);
    Effects leave_all_for_later();

    Context* context_;
    std::vector<connectors::Source*> sources_;
    std::map<std::string, Witness> witnesses_; ///< by source
    std::vector<Claim> claims_;
    std::vector<reconcile::Assessed> survivors_;
    std::unordered_set<std::string> waited_for_; ///< survivors of claims_, on whatever page
};

} // namespace medibridge::sync
