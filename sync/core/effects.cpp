#include "sync/core/effects.hpp"

#include <iterator>

namespace medibridge::sync {

namespace {

template <class T>
void move_to(std::vector<T>& all, std::vector<T>& more) {
    if (all.empty()) {
        all = std::move(more);
        return;
    }
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

} // namespace

void Effects::note_written(const std::string& medicapp_id, std::optional<reconcile::Instant> at) {
    if (!at || (newest && at <= newest->at)) return;
    newest = Written{medicapp_id, at};
}

void Effects::append(Effects more) {
    if (!notice.halt) notice.halt = std::move(more.notice.halt);
    if (!notice.refused) notice.refused = std::move(more.notice.refused);
    if (!notice.alarm) notice.alarm = std::move(more.notice.alarm);
    if (notice.credentials.empty()) notice.credentials = std::move(more.notice.credentials);
    if (notice.left.empty()) notice.left = std::move(more.notice.left);
    notice.misdirected = notice.misdirected || more.notice.misdirected;
    notice.reread = notice.reread || more.notice.reread;
    changes.append(std::move(more.changes));
    move_to(events, more.events);
    counts += more.counts;
    examined += more.examined;
    move_to(deeds, more.deeds);
    if (more.newest) note_written(more.newest->medicapp_id, more.newest->at);
    move_to(agreed, more.agreed);
    move_to(released, more.released);
    move_to(concluded, more.concluded);
    move_to(planned, more.planned);
    move_to(left_out, more.left_out);
    move_to(sources, more.sources);
}

} // namespace medibridge::sync
