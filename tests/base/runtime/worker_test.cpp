#include "base/runtime/worker.hpp"

#include <boost/asio/io_context.hpp>
#include <exception>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <thread>

namespace medibridge::runtime {
namespace {

namespace asio = boost::asio;

struct Seen {
    std::thread::id io;
    std::thread::id job;
    std::thread::id after;
    std::string result;
    bool caught = false;
};

Task<void> use_worker(Worker& worker, Seen& seen) {
    seen.io = std::this_thread::get_id();
    auto job = [&] {
        seen.job = std::this_thread::get_id();
        return std::string("done");
    };
    seen.result = co_await worker.run(job);
    seen.after = std::this_thread::get_id();
    auto failing = [] { throw std::runtime_error("no"); };
    try {
        co_await worker.run(failing);
    } catch (const std::runtime_error&) {
        seen.caught = true;
    }
}

TEST(Worker, RunsJobsOnAnotherThreadAndComesHomeWithResultOrException) {
    asio::io_context io;
    Worker worker;
    Seen seen;
    auto rethrow = [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    };
    asio::co_spawn(io, use_worker(worker, seen), rethrow);
    io.run();
    EXPECT_EQ(seen.result, "done");
    EXPECT_NE(seen.job, seen.io);
    EXPECT_EQ(seen.after, seen.io);
    EXPECT_TRUE(seen.caught);
}

} // namespace
} // namespace medibridge::runtime
