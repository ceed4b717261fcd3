#include <algorithm>
#include <array>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace medibridge::house {
namespace {

/// A program as the linker made it.
class Program {
  public:
    explicit Program(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(in), {});
        header_ = at<Elf64_Ehdr>(0);
        for (int i = 0; i < header_.e_phnum; ++i)
            segments_.push_back(at<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr)));
        for (int i = 0; i < header_.e_shnum; ++i)
            sections_.push_back(at<Elf64_Shdr>(header_.e_shoff + i * sizeof(Elf64_Shdr)));
    }

    const Elf64_Ehdr& header() const { return header_; }
    const std::vector<Elf64_Phdr>& segments() const { return segments_; }
    std::map<Elf64_Sxword, Elf64_Xword> dynamic() const {
        std::map<Elf64_Sxword, Elf64_Xword> entries;
        for (const auto& section : sections_)
            for (std::size_t i = 0; section.sh_type == SHT_DYNAMIC && i < section.sh_size;
                 i += sizeof(Elf64_Dyn)) {
                const auto entry = at<Elf64_Dyn>(section.sh_offset + i);
                entries[entry.d_tag] = entry.d_un.d_val;
            }
        return entries;
    }
    /// The functions that it takes from libraries.
    std::set<std::string> imports() const {
        std::set<std::string> names;
        for (const auto& section : sections_) {
            if (section.sh_type != SHT_DYNSYM) continue;
            const auto& texts = sections_[section.sh_link];
            for (std::size_t i = 0; i < section.sh_size; i += sizeof(Elf64_Sym)) {
                const auto symbol = at<Elf64_Sym>(section.sh_offset + i);
                if (symbol.st_shndx == SHN_UNDEF)
                    names.insert(bytes_.data() + texts.sh_offset + symbol.st_name);
            }
        }
        return names;
    }
    /// The first bytes of the program's own function.
    std::string code_of(const std::string& function) const {
        for (const auto& section : sections_) {
            if (section.sh_type != SHT_SYMTAB) continue;
            const auto& texts = sections_[section.sh_link];
            for (std::size_t i = 0; i < section.sh_size; i += sizeof(Elf64_Sym)) {
                const auto symbol = at<Elf64_Sym>(section.sh_offset + i);
                if (function != bytes_.data() + texts.sh_offset + symbol.st_name) continue;
                const auto& in = sections_[symbol.st_shndx];
                return bytes_.substr(symbol.st_value - in.sh_addr + in.sh_offset, 4);
            }
        }
        return {};
    }

  private:
    template <class T>
    T at(std::size_t offset) const {
        T value{};
        if (offset + sizeof value > bytes_.size()) throw std::runtime_error("the program is cut");
        std::memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }

    std::string bytes_;
    Elf64_Ehdr header_{};
    std::vector<Elf64_Phdr> segments_;
    std::vector<Elf64_Shdr> sections_;
};

class HardeningTest : public testing::TestWithParam<const char*> {
  protected:
    const Program program_{GetParam()};
};

TEST_P(HardeningTest, ItIsLoadedAnywhere) {
    EXPECT_EQ(program_.header().e_type, ET_DYN);
    EXPECT_NE(program_.dynamic()[DT_FLAGS_1] & DF_1_PIE, 0u);
}

TEST_P(HardeningTest, ItsTablesCannotBeWrittenOnceItRuns) {
    auto dynamic = program_.dynamic();
    EXPECT_NE(dynamic[DT_FLAGS_1] & DF_1_NOW, 0u);
    EXPECT_TRUE(std::ranges::any_of(program_.segments(),
                                    [](const auto& it) { return it.p_type == PT_GNU_RELRO; }));
    EXPECT_FALSE(dynamic.contains(DT_TEXTREL));
}

TEST_P(HardeningTest, NothingIsBothCodeAndData) {
    bool stack = false;
    for (const auto& segment : program_.segments()) {
        stack = stack || segment.p_type == PT_GNU_STACK;
        const bool mapped = segment.p_type == PT_LOAD || segment.p_type == PT_GNU_STACK;
        const bool runs = mapped && (segment.p_flags & PF_X) != 0;
        if (!runs) continue;
        EXPECT_EQ(segment.p_flags & PF_W, 0u);
        // separate-code: the headers and constants are in pages of their own.
        EXPECT_NE(segment.p_offset, 0u);
        EXPECT_EQ(segment.p_offset % 4096, 0u);
    }
    EXPECT_TRUE(stack);
}

TEST_P(HardeningTest, TheStackIsGuarded) {
    EXPECT_TRUE(program_.imports().contains("__stack_chk_fail"));
}

TEST_P(HardeningTest, WhereCodeMayJumpToIsMarked) {
    if (program_.header().e_machine != EM_X86_64) GTEST_SKIP() << "only x86-64";
    EXPECT_EQ(program_.code_of("main"), "\xF3\x0F\x1E\xFA") << "endbr64";
}

TEST_P(HardeningTest, TheCLibraryChecksItsCallers) {
    if (MEDIBRIDGE_UNCHECKED) GTEST_SKIP() << "no optimiser, or a sanitizer instead";
    const auto imports = program_.imports();
    // Calls whose bounds the compiler could see need no check; a small program may have no others.
    const bool has_others =
        std::ranges::any_of(std::array{"memcpy", "memmove", "memset", "read"},
                            [&](const char* it) { return imports.contains(it); });
    if (!has_others) GTEST_SKIP() << "it makes no call that could be checked";
    EXPECT_TRUE(std::ranges::any_of(imports, [](const auto& name) {
        return name != "__stack_chk_fail" && name.ends_with("_chk");
    }));
}

constexpr std::array<const char*, 3> programs = {MEDIBRIDGED, MEDIBRIDGECTL, MEDIBRIDGE_PEERS};
INSTANTIATE_TEST_SUITE_P(Programs, HardeningTest, testing::ValuesIn(programs), [](const auto& its) {
    const std::string path = its.param;
    auto name = path.substr(path.rfind('/') + 1);
    std::ranges::replace(name, '-', '_');
    return name;
});

/// What no program shows: each source of ours is compiled with it.
TEST(HardeningFlagsTest, EachSourceIsCompiledWithThem) {
    std::ifstream in(MEDIBRIDGE_COMPILE_COMMANDS);
    ASSERT_TRUE(in) << MEDIBRIDGE_COMPILE_COMMANDS;
    std::string line;
    int commands = 0;
    while (std::getline(in, line)) {
        if (line.find("\"command\":") == std::string::npos) continue;
        ++commands;
        for (const char* flag : {" -fstack-clash-protection", " -fstack-protector-strong", " -fPIE",
                                 " -D_GLIBCXX_ASSERTIONS"})
            EXPECT_NE(line.find(flag), std::string::npos) << flag << " is not in " << line;
        if (!MEDIBRIDGE_UNCHECKED)
            EXPECT_NE(line.find("-D_FORTIFY_SOURCE=3"), std::string::npos) << line;
    }
    EXPECT_GT(commands, 10);
}

} // namespace
} // namespace medibridge::house
