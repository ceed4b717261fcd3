#include "sandbox/csv_drop.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <vector>

namespace medibridge::sandbox {
namespace {

namespace fs = std::filesystem;

class CsvDropTest : public testing::Test {
  protected:
    CsvDropTest() {
        std::string name = (fs::temp_directory_path() / "medibridge-sandbox-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    ~CsvDropTest() override { fs::remove_all(folder_); }

    void put(const std::string& ipp, const std::string& city, Millis modified) {
        HisDraft draft;
        draft.texts[his_field::ipp] = ipp;
        draft.texts[his_field::given_names] = "Zoé\nAnne";
        draft.texts[his_field::city] = city;
        draft.modified = modified;
        store_.put(draft);
    }
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& entry : fs::directory_iterator(folder_))
            all.push_back(entry.path().filename());
        std::ranges::sort(all);
        return all;
    }
    std::string text(const std::string& name) const {
        std::ifstream file(folder_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    HisStore store_;
    fs::path folder_;
};

TEST_F(CsvDropTest, DropsEverybodyAndThenWhoeverChanged) {
    put("1", "Brest", 1000);
    put("2", "a;\"b\"", 2000);
    CsvDrop drop(store_, folder_);
    EXPECT_EQ(drop.drop(), 2u);
    EXPECT_EQ(drop.drop(), 0u);
    put("1", "Nantes", 2000); // in the second of the last one that was dropped
    EXPECT_EQ(drop.drop(), 1u);
    put("2", "Lyon", 5000);
    put("3", "Lyon", 5000);
    EXPECT_EQ(drop.drop(), 2u);
    EXPECT_EQ(drop.drop(), 0u);
    EXPECT_EQ(names(), (std::vector<std::string>{"patients-000001.csv", "patients-000002.csv",
                                                 "patients-000003.csv"}));
    EXPECT_EQ(text("patients-000001.csv"),
              "IPP;NOM_NAISSANCE;NOM_USAGE;PRENOM;DATE_NAISSANCE;SEXE;MAIL;MOBILE;VOIE;COMMUNE;CP;"
              "PAYS;STATUT_IDENTITE;REMPLACE_PAR;MAJ_LE;ACTIF;DECEDE\r\n"
              "1;;;Zoé;;;;;;Brest;;;;;1970-01-01T01:00:01+01:00;O;N\r\n"
              "2;;;Zoé;;;;;;\"a;\"\"b\"\"\";;;;;1970-01-01T01:00:02+01:00;O;N\r\n");
}

TEST_F(CsvDropTest, NeverWritesOverAFile) {
    put("1", "Brest", 1000);
    EXPECT_EQ(CsvDrop(store_, folder_).drop(), 1u);
    fs::create_directory(folder_ / "done");
    fs::rename(folder_ / "patients-000001.csv", folder_ / "done" / "patients-000001.csv");
    EXPECT_EQ(CsvDrop(store_, folder_).drop(), 1u);
    EXPECT_EQ(CsvDrop(store_, folder_).drop(), 1u);
    EXPECT_EQ(names(),
              (std::vector<std::string>{"done", "patients-000002.csv", "patients-000003.csv"}));
}

} // namespace
} // namespace medibridge::sandbox
