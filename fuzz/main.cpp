#include "fuzz/targets.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>

// libFuzzer's interface (https://llvm.org/docs/LibFuzzer.html). MEDIBRIDGE_FUZZ names the target;
// without it, all are listed, each with the ending of its files in the corpus.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto run = [] {
        const char* wanted = std::getenv("MEDIBRIDGE_FUZZ");
        const auto all = medibridge::fuzz::targets();
        const auto found = std::ranges::find(all, wanted != nullptr ? wanted : std::string_view(),
                                             &medibridge::fuzz::Target::name);
        if (found == all.end()) {
            for (const auto& target : all)
                std::cout << target.name << ' ' << target.seeds << '\n';
            std::cout.flush();
            std::_Exit(64);
        }
        return found->run;
    }();
    run({reinterpret_cast<const char*>(data), size});
    return 0;
}
