#include "hospital.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <sys/mount.h>
#include <sys/resource.h>

namespace medibridge::tests {
namespace {

namespace fs = std::filesystem;
using http::Method;
using testing::HasSubstr;

constexpr std::size_t loaded_patients = 120;

/// A hospital without patients in doubt.
std::vector<std::string> without_doubts(std::size_t count = loaded_patients) {
    return {"--patients", std::to_string(count), "--invalid-share", "0"};
}

void expect_nobody_twice_and_nobody_back(Hospital& hospital) {
    const auto stats = hospital.stats();
    EXPECT_EQ(stats["medicapp"]["duplicates"], 0);
    EXPECT_EQ(stats["medicapp"]["created_again_after_erasure"], 0);
}

void expect_idle(Hospital& hospital) {
    hospital.reset_stats();
    const auto idle = hospital.once();
    EXPECT_EQ(idle.exit, 0) << idle.err;
    const auto requests = hospital.stats()["medicapp"]["requests"];
    EXPECT_EQ(requests["POST"], 0);
    EXPECT_EQ(requests["PUT"], 0);
}

/// The externalIds that a run held for that reason.
std::set<std::string> held(const Ended& run, const std::string& reason) {
    std::set<std::string> ids;
    for (const auto& event : run.events("patient.held"))
        if (event["reason"] == reason) ids.insert(event["patient"].get<std::string>());
    return ids;
}

class DamagedState : public testing::Test {
  protected:
    /// Everybody is in Medicapp, but for one who was erased there and is held since.
    void synchronise_and_erase_one() {
        ASSERT_EQ(hospital.once().exit, 0);
        hospital.control(Method::post, "/medicapp/erase?count=1");
        const auto full = hospital.once({"--full", "--output", "json"});
        ASSERT_EQ(full.exit, 0) << full.err;
        ASSERT_EQ(held(full, "erased_in_medicapp").size(), 1U) << full.err;
        ASSERT_EQ(hospital.medicapp_patients().size(), loaded_patients - 1);
    }

    void damage() {
        std::string bytes = read_file(hospital.state());
        ASSERT_GT(bytes.size(), 40'000U);
        bytes.replace(bytes.size() / 3, 16'384, 16'384, '\x5a');
        write_file(hospital.state(), bytes);
    }

    void expect_rebuilt() {
        hospital.reset_stats();
        const auto before = hospital.medicapp_patients();
        const auto rebuilt = hospital.once({"--full", "--output", "json"});
        ASSERT_EQ(rebuilt.exit, 0) << rebuilt.err;
        EXPECT_EQ(rebuilt.json()["linked"], loaded_patients - 1);
        EXPECT_EQ(rebuilt.json()["held"], 1);
        EXPECT_EQ(held(rebuilt, "erased_in_medicapp").size(), 1U) << rebuilt.err;
        EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["POST"], 0);
        EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["PUT"], 0);
        EXPECT_TRUE(hospital.medicapp_patients() == before);
        expect_nobody_twice_and_nobody_back(hospital);
        expect_idle(hospital);
        EXPECT_TRUE(hospital.medicapp_patients() == before);
    }

    Hospital hospital{without_doubts()};
};

TEST_F(DamagedState, IsRefusedWithAdviceAndLeftAsItIs) {
    synchronise_and_erase_one();
    damage();
    const auto before = read_file(hospital.state());
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{}, {"--full"}, {"--dry-run"}}) {
        hospital.reset_stats();
        const auto refused = hospital.once(arguments);
        EXPECT_EQ(refused.exit, 70) << refused.err;
        EXPECT_THAT(refused.err, HasSubstr("damaged"));
        EXPECT_THAT(refused.err, HasSubstr("restore a backup, or move it away"));
        EXPECT_THAT(refused.err, HasSubstr(hospital.state().string()));
        EXPECT_TRUE(read_file(hospital.state()) == before);
        EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["POST"], 0);
    }
}

TEST_F(DamagedState, MovedAwayIsRebuiltFromWhatMedicappHasAndTheErasedStayErased) {
    synchronise_and_erase_one();
    damage();
    fs::rename(hospital.state(), hospital.state().string() + ".damaged");
    expect_rebuilt();
}

TEST_F(DamagedState, LostAltogetherIsRebuiltTheSame) {
    synchronise_and_erase_one();
    fs::remove(hospital.state());
    expect_rebuilt();
}

TEST_F(DamagedState, ABackupOfBeforeTheErasureDoesNotBringThePatientBack) {
    ASSERT_EQ(hospital.once().exit, 0);
    const auto backup = read_file(hospital.state());
    hospital.control(Method::post, "/medicapp/erase?count=1");
    ASSERT_EQ(hospital.once({"--full"}).exit, 0);
    write_file(hospital.state(), backup);
    for (int again = 0; again < 2; ++again)
        EXPECT_EQ(hospital.once({"--full"}).exit, 0);
    EXPECT_EQ(hospital.medicapp_patients().size(), loaded_patients - 1);
    expect_nobody_twice_and_nobody_back(hospital);
    expect_idle(hospital);
}

/// Files may not grow beyond it while it lives, in this process and those it starts.
class FileSizeLimit {
  public:
    explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &former_);
        const struct rlimit small{bytes, former_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &former_);
        std::signal(SIGXFSZ, handler_);
    }

  private:
    struct rlimit former_{};
    void (*handler_)(int);
};

/// So many that their state does not fit where there is little room.
constexpr std::size_t many = 600;

void expect_recovery(Hospital& hospital) {
    const auto recovered = hospital.once();
    EXPECT_EQ(recovered.exit, 0) << recovered.err;
    EXPECT_EQ(hospital.medicapp_patients().size(), many);
    expect_nobody_twice_and_nobody_back(hospital);
    expect_idle(hospital);
}

void expect_75(Hospital& hospital, const std::string& advice) {
    const auto stopped = hospital.once();
    EXPECT_EQ(stopped.exit, 75) << stopped.err;
    EXPECT_THAT(stopped.err, HasSubstr("the state"));
    EXPECT_THAT(stopped.err, HasSubstr(advice));
}

TEST(FullDisk, AStateThatMayNotGrowEndsTheRunWith75AndTheNextOneIsWhole) {
    Hospital hospital(without_doubts(many));
    for (const rlim_t bytes : {2'000U, 40'000U, 90'000U, 150'000U, 200'000U}) {
        SCOPED_TRACE(std::to_string(bytes) + " bytes");
        const FileSizeLimit limit(bytes);
        expect_75(hospital, "limits on file size");
    }
    EXPECT_GT(hospital.medicapp_patients().size(), 0U) << "some runs must have got so far";
    expect_recovery(hospital);
}

/// A file system with little room over a directory, while it lives.
class SmallDisk {
  public:
    explicit SmallDisk(const fs::path& directory) : directory_(directory) {
        fs::create_directory(directory);
        mounted_ = ::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=4m") == 0;
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (mounted_) ::umount(directory_.c_str());
    }
    bool mounted() const { return mounted_; }

  private:
    fs::path directory_;
    bool mounted_ = false;
};

TEST(FullDisk, WithoutRoomTheRunEndsWith75AndTheNextOneIsWhole) {
    Hospital hospital(without_doubts(many));
    const fs::path directory = hospital.directory() / "small";
    const SmallDisk disk(directory);
    if (!disk.mounted()) GTEST_SKIP() << "only root can mount a small disk";
    std::string config = read_file(hospital.config());
    const auto at = config.find(hospital.state().string());
    ASSERT_NE(at, std::string::npos) << config;
    config.replace(at, hospital.state().string().size(), (directory / "state.db").string());
    write_file(hospital.config(), config);

    for (const std::size_t room : {0U, 60'000U, 150'000U, 250'000U}) {
        SCOPED_TRACE("room for " + std::to_string(room) + " bytes");
        const std::size_t available = fs::space(directory).available;
        write_file(directory / "ballast", std::string(available - std::min(available, room), 'x'));
        expect_75(hospital, "free some space");
        fs::remove(directory / "ballast");
    }
    EXPECT_GT(hospital.medicapp_patients().size(), 0U) << "some runs must have got so far";
    expect_recovery(hospital);
}

} // namespace
} // namespace medibridge::tests
