#include "scenario_words.hpp"

#include <iterator>

/// Lists that move, networks that fail, and many patients.
namespace medibridge::simulation {

using namespace words;

namespace {

constexpr const char* few_changes = "max_changes: {ratio: 0.1, at_least: 2}";
/// What is forged.
enum : std::int64_t { merged, inactive };

sandbox::MedicappSwitches small_pages(sandbox::ListOrder order = sandbox::ListOrder::created) {
    sandbox::MedicappSwitches switches;
    switches.page_limit = 2;
    switches.list_order = order;
    return switches;
}

sandbox::MedicappSwitches limited(sandbox::RetryAfter how) {
    sandbox::MedicappSwitches switches;
    switches.rate_limit = 5;
    switches.burst = 3;
    switches.retry_after = how;
    return switches;
}

Act everybody_else_moves(Act cycle, std::int64_t request, const Act& happens) {
    cycle.cycle.meanwhile.emplace_back(request, *happens.deed);
    return cycle;
}

std::vector<Scenario> lists() {
    auto moving_his = cycle_while(2, edit(contact::phone, 0));
    moving_his = everybody_else_moves(moving_his, 3, edit(contact::city, 1));
    auto moving_medicapp = full_while(2, user_edit(user::phone, 0));
    moving_medicapp = everybody_else_moves(moving_medicapp, 3, user_edit(user::city, 4));
    return {
        scenario("small_pages", with_patients(5, {cycle(), edit(contact::phone, 3),
                                                  user_edit(user::city, 1), full(), cycle()}))
            .with(small_pages()),
        scenario("lists_in_no_order",
                 with_patients(5, {cycle(), user_edit(user::email, 4), cycle(), full()}))
            .with(small_pages(sandbox::ListOrder::shuffled)),
        scenario("his_list_moves_while_it_is_read", with_patients(7, {moving_his, cycle()})),
        scenario("medicapp_list_moves_while_it_is_read",
                 with_patients(5, {cycle(), moving_medicapp, cycle()}))
            .with(small_pages(sandbox::ListOrder::modified)),
        scenario("somebody_comes_while_medicapp_is_read",
                 with_patients(
                     4, {cycle(), full_while(2, deed(Kind::medicapp_admit, 9)), admit(9), cycle()}))
            .with(small_pages(sandbox::ListOrder::id)),
        scenario("somebody_is_erased_while_medicapp_is_read",
                 with_patients(4, {cycle(), full_while(3, deed(Kind::medicapp_erase, 1)), full()}))
            .with(small_pages()),
        scenario("a_forged_mass_of_merges",
                 with_patients(6, {cycle(), cycle(), deed(Kind::his_forge, 0, merged), cycle(),
                                   full(), deed(Kind::his_take_back), cycle()}))
            .under(few_changes),
        scenario("a_forged_mass_of_closures_beside_a_change",
                 with_patients(6, {cycle(), cycle(), deed(Kind::his_forge, 0, inactive), cycle(),
                                   edit(contact::phone, 2), cycle(), full(),
                                   deed(Kind::his_take_back), cycle()}))
            .under(few_changes),
        scenario("full_compare_with_news_on_both_sides",
                 with_patients(3, {cycle(), edit(contact::phone, 0), user_edit(user::city, 1),
                                   admit(3), full(), cycle()})),
    };
}

std::vector<Scenario> lost_creates() {
    const auto lost = [](const std::string& name, Trouble trouble, std::int64_t to) {
        return scenario("create_" + name, {admit(), cycle_with(trouble, 3, to), cycle()});
    };
    return {
        lost("lost_before", Trouble::lost_before, 3),
        lost("lost_after", Trouble::lost_after, 3),
        lost("lost_after_for_long", Trouble::lost_after, 30),
        lost("answered_by_a_proxy_after", Trouble::html_after, 3),
        lost("answered_500_after", Trouble::error_after, 3),
        lost("answered_with_garbage", Trouble::garbage, 3),
        lost("times_out_after", Trouble::timeout_after, 3),
        lost("arrives_late", Trouble::arrives_late, 3),
        lost("arrives_twice", Trouble::arrives_twice, 3),
        lost("refused_for_long", Trouble::refused, 30),
    };
}

std::vector<Scenario> lost_updates() {
    const auto lost = [](const std::string& name, Trouble trouble, std::int64_t to) {
        return scenario("update_" + name, {admit(), cycle(), edit(contact::phone),
                                           cycle_with(trouble, 3, to), cycle()});
    };
    return {
        lost("lost_before", Trouble::lost_before, 3),
        lost("lost_after", Trouble::lost_after, 3),
        lost("lost_after_for_long", Trouble::lost_after, 30),
        lost("answered_by_a_cut_body", Trouble::cut, 3),
        lost("answered_by_nothing", Trouble::empty_after, 3),
        lost("times_out_before", Trouble::timeout_before, 3),
        lost("arrives_twice", Trouble::arrives_twice, 3),
        scenario("update_lost_while_both_sides_go_on",
                 {admit(), cycle(), edit(contact::phone), cycle_with(Trouble::lost_after, 3, 30),
                  edit(contact::phone), user_edit(user::email), cycle()}),
    };
}

std::vector<Scenario> outages() {
    return {
        scenario("rate_limited", with_patients(6, {cycle(), edit(contact::phone, 2), cycle()}))
            .with(limited(sandbox::RetryAfter::seconds)),
        scenario("rate_limited_without_a_word", with_patients(4, {cycle(), cycle()}))
            .with(limited(sandbox::RetryAfter::none)),
        scenario("outage_in_the_middle",
                 with_patients(5, {cycle_with(Trouble::unavailable, 5, 60), cycle()})),
        scenario("outage_from_the_beginning",
                 with_patients(2, {cycle_with(Trouble::refused, 1, 60), cycle()})),
        scenario("outage_of_the_network_in_a_full_compare",
                 with_patients(3, {cycle(), edit(contact::phone, 1),
                                   everybody_else_moves(full(), 2, user_edit(user::city, 0)),
                                   cycle_with(Trouble::gateway_before, 2, 40), cycle()})),
    };
}

std::vector<Scenario> many() {
    return {
        scenario("a_pile_of_thirty", with_patients(30, {cycle()})),
        scenario("a_pile_of_twelve_with_small_pages",
                 with_patients(12, {cycle(), edit(contact::phone, 3), edit(contact::city, 8),
                                    user_edit(user::phone, 5), full()}))
            .with(small_pages()),
    };
}

} // namespace

std::vector<Scenario> scenarios_of_trouble() {
    auto all = lists();
    for (auto* theme : {lost_creates, lost_updates, outages, many}) {
        auto more = theme();
        all.insert(all.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
    }
    return all;
}

} // namespace medibridge::simulation
