#include "ward.hpp"

#include "../environment_number.hpp"
#include "../sanitized.hpp"
#include "sandbox/random.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <iostream>
#include <string>

// Whatever becomes of numbers: nobody becomes somebody else, nobody is there twice, gets the number
// of another or comes back once erased, and who is not as the HIS has them is held.

namespace medibridge::tests {
namespace {

using sandbox::Random;

class Teller {
  public:
    Teller(Ward& ward, std::uint64_t seed) : ward_(&ward), random_(seed) {}

    void tell() {
        people_ = 2 + number(3);
        numbers_ = people_ + 1 + number(3);
        erasures_ = random_.chance(0.4);
        bare_ = random_.chance(0.4) ? 0.5 : 0.0;
        burst_ = random_.chance(0.5) ? 0.2 : 0.6;
        for (int who = 0; who < people_ && random_.chance(0.8); ++who)
            ward_->admit(who, 10 + who);
        for (int left = 4 + number(14); left > 0; --left) {
            if (random_.chance(burst_)) rest();
            act();
        }
        ward_->settle();
        ward_->check_end();
    }

  private:
    int number(int below) {
        return static_cast<int>(random_.below(static_cast<std::uint64_t>(below)));
    }

    /// Nothing happens in the HIS.
    void rest() {
        if (random_.chance(0.15)) ward_->restart_bridge();
        if (erasures_ && random_.chance(0.2)) ward_->erase(number(people_));
        ward_->cycle(random_.chance(0.3));
    }

    void act() {
        const int who = number(people_);
        const int to = 10 + number(numbers_);
        if (!ward_->is_admitted(who)) {
            if (ward_->is_free(to)) ward_->admit(who, to);
        } else if (random_.chance(0.15)) {
            ward_->edit(who);
        } else if (ward_->is_free(to)) {
            ward_->change_number(who, to, random_.chance(bare_));
        } else {
            swap(who, number(people_));
        }
    }

    /// By a number that nobody has.
    void swap(int one, int other) {
        if (one == other || !ward_->is_admitted(other)) return;
        int between = 10;
        while (!ward_->is_free(between))
            ++between;
        const int first = *ward_->number_of(one);
        const int second = *ward_->number_of(other);
        ward_->change_number(one, between, random_.chance(bare_));
        ward_->change_number(other, first, random_.chance(bare_));
        ward_->change_number(one, second, random_.chance(bare_));
    }

    Ward* ward_;
    Random random_;
    int people_ = 0;
    int numbers_ = 0;
    bool erasures_ = false;
    double bare_ = 0;
    double burst_ = 0;
};

/// Of many stories.
struct Figures {
    int people = 0;
    int left = 0; ///< to operators
    int stay = 0; ///< so once Medicapp is right
};

void play(std::uint64_t seed, Ward::List list, bool tells, Figures& figures) {
    Ward ward(list);
    Teller(ward, seed).tell();
    figures.people += ward.people();
    figures.left += ward.left_to_operators();
    ward.put_right_in_medicapp();
    ward.check_end();
    figures.stay += ward.left_to_operators();
    for (const auto& broken : ward.broken())
        ADD_FAILURE() << "MEDIBRIDGE_NUMBERS_SEED=" << seed << ": " << broken;
    if (tells || !ward.broken().empty()) std::cout << ward.story() << ward.held();
}

/// MEDIBRIDGE_NUMBERS_SEED=N plays one story, and tells it.
void play_all(Ward::List list) {
    const auto only = environment_number("MEDIBRIDGE_NUMBERS_SEED", 0);
    const auto many = environment_number("MEDIBRIDGE_LONG", 1) * (sanitized ? 15 : 100);
    Figures figures;
    if (only != 0) return play(only, list, true, figures);
    for (std::uint64_t seed = 1; seed <= many; ++seed)
        play(seed, list, false, figures);
    std::cout << many << " seeds: " << figures.people << " people, " << figures.left
              << " left to operators, " << figures.stay << " stay so once Medicapp is right\n";
}

TEST(Numbers, ThatAreUsedAgainMixNobodyUp) {
    play_all(Ward::List::none);
}

TEST(Numbers, ThatAnotherSourceListsMixNobodyUp) {
    play_all(Ward::List::after);
}

TEST(Numbers, ThatAnotherSourceListsFirstMixNobodyUp) {
    play_all(Ward::List::before);
}

} // namespace
} // namespace medibridge::tests
