#include "rig.hpp"

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <ostream>
#include <string>

namespace medibridge::test {
namespace {

using connectors::ApiError;
using connectors::Failure;
using http::ErrorKind;

enum class Method { list, get, create, update };
constexpr Method methods[] = {Method::list, Method::get, Method::create, Method::update};

std::string name_of(Method method) {
    switch (method) {
    case Method::list:
        return "list";
    case Method::get:
        return "get";
    case Method::create:
        return "create";
    default:
        return "update";
    }
}
bool is_read(Method method) {
    return method == Method::list || method == Method::get;
}

http::Response success(Method method) {
    switch (method) {
    case Method::list:
        return page_answer();
    case Method::create:
        return patient_answer(201);
    default:
        return patient_answer(200);
    }
}

http::Response success(const http::Request& request, Method method) {
    return request.target.starts_with("/v5/patients?") ? page_answer() : success(method);
}

/// Makes the call; nothing if it succeeds.
std::optional<ApiError> call(Rig& rig, Method method) {
    if (method == Method::list) {
        const auto reply = rig.run(rig.client.list(connectors::ListQuery()));
        return reply ? std::nullopt : std::optional(reply.error());
    }
    auto task = method == Method::get      ? rig.client.get("p-1")
                : method == Method::create ? rig.client.create(planted_patient())
                                           : rig.client.update(planted_update());
    const auto reply = rig.run(std::move(task));
    return reply ? std::nullopt : std::optional(reply.error());
}

/// What becomes of a fault that strikes once, when Medicapp is well before and after.
struct Row {
    const char* name;
    std::function<http::Result()> fault;
    std::optional<Failure> of_reads; ///< nothing: repeated, and succeeds
    std::optional<Failure> of_writes;
    bool counts_as_retry = true; ///< where it is repeated
    bool in_doubt = false;       ///< whether it is the key's, or one patient's
    bool silent = false;         ///< no answer came, though it may have been executed
};
void PrintTo(const Row& row, std::ostream* out) {
    *out << row.name;
}

Row response_row(const char* name, const std::function<http::Response()>& fault,
                 std::optional<Failure> of_reads, std::optional<Failure> of_writes) {
    return {name, [fault] { return http::Result(fault()); }, of_reads, of_writes};
}

/// Repeated by reads, not to be repeated by writes.
Row unclear(const char* name, const std::function<http::Response()>& fault) {
    return response_row(name, fault, std::nullopt, Failure::unknown);
}
Row answer(const char* name, const std::function<http::Response()>& fault, Failure failure) {
    return response_row(name, fault, failure, failure);
}
/// Where a plain read is served, it is nothing of the key's.
Row refusal(const char* name, const std::function<http::Response()>& fault) {
    auto row = answer(name, fault, Failure::unauthorized);
    row.in_doubt = true;
    return row;
}
Row network(const char* name, ErrorKind kind, bool maybe_executed) {
    Row row{name, [=] { return broken(kind, maybe_executed); }, std::nullopt, std::nullopt};
    if (maybe_executed) row.of_writes = Failure::unknown;
    row.silent = maybe_executed;
    return row;
}

std::vector<Row> rows() {
    std::vector<Row> rows{
        answer(
            "json_400", [] { return json_error(400, "INVALID"); }, Failure::rejected),
        answer(
            "json_422", [] { return json_error(422, "INVALID"); }, Failure::rejected),
        refusal("json_401", [] { return json_error(401, "NO_KEY"); }),
        refusal("json_403", [] { return json_error(403, "NO_RIGHT"); }),
        refusal("html_401", [] { return html(401); }),
        answer(
            "json_404", [] { return json_error(404, "NOT_FOUND"); }, Failure::not_found),
        answer(
            "json_409", [] { return json_error(409, "DUPLICATE"); }, Failure::conflict),
        unclear("html_400", [] { return html(400); }),
        unclear("html_404", [] { return html(404); }),
        unclear("empty_404", [] { return response(404); }),
        unclear("html_409", [] { return html(409); }),
        response_row(
            "html_407", [] { return html(407); }, std::nullopt, std::nullopt),
        response_row(
            "html_413", [] { return html(413); }, std::nullopt, Failure::refused),
        response_row(
            "json_413", [] { return json_error(413, "LARGE"); }, Failure::rejected,
            Failure::refused),
        refusal("html_403", [] { return html(403); }),
        unclear("json_408", [] { return json_error(408, "TIMEOUT"); }),
        unclear("html_302", [] { return html(302); }),
        unclear("json_500", [] { return json_error(500, "OOPS"); }),
        unclear("html_502", [] { return html(502); }),
        unclear("html_503", [] { return html(503); }),
        unclear("html_504", [] { return html(504); }),
        unclear("html_200", [] { return html(200); }),
        unclear("cut_200", [] { return response(200, R"({"id":"p-1","data":[{"id")"); }),
        unclear("list_200", [] { return response(200, R"(["p-1"])"); }),
        unclear("other_patient_200", [] { return patient_answer(200, "p-2", "IPP-2"); }),
        network("reset_after_sending", ErrorKind::closed, true),
        network("timeout_after_sending", ErrorKind::timeout, true),
        network("malformed", ErrorKind::malformed, true),
        network("too_large", ErrorKind::too_large, true),
        network("not_resolved", ErrorKind::resolve, false),
        network("not_connected", ErrorKind::connect, false),
        network("no_tls", ErrorKind::tls, false),
        network("timeout_before_sending", ErrorKind::timeout, false),
        network("reset_before_sending", ErrorKind::closed, false),
        network("proxy_refuses", ErrorKind::proxy, false),
    };
    Row too_many{"json_429", [] { return http::Result(json_error(429, "RATE")); }, std::nullopt,
                 std::nullopt, false};
    rows.push_back(too_many);
    too_many.name = "html_429";
    too_many.fault = [] { return http::Result(html(429)); };
    rows.push_back(too_many);
    rows.push_back({"cancelled", [] { return broken(ErrorKind::cancelled, true); },
                    Failure::cancelled, Failure::unknown});
    rows.push_back({"cancelled_before", [] { return broken(ErrorKind::cancelled, false); },
                    Failure::cancelled, Failure::cancelled});
    return rows;
}

class OneFault : public testing::TestWithParam<std::tuple<Row, Method>> {};

TEST_P(OneFault, EndsAsTheTableSays) {
    const auto& [row, method] = GetParam();
    Rig rig;
    rig.transport.then(row.fault());
    rig.transport.otherwise(
        [m = method](const http::Request& request) { return success(request, m); });
    const auto error = call(rig, method);
    auto expected = is_read(method) ? row.of_reads : row.of_writes;
    const bool plain_read =
        (row.in_doubt && method != Method::list) || (row.silent && !is_read(method));
    if (plain_read && row.in_doubt) expected = Failure::refused;
    if (expected) {
        ASSERT_TRUE(error);
        EXPECT_EQ(error->failure, *expected) << connectors::name(error->failure);
        EXPECT_EQ(rig.requests(), plain_read ? 2u : 1u);
        EXPECT_EQ(error->alone, plain_read);
        EXPECT_EQ(rig.client.requests().retries, 0);
        EXPECT_FALSE(error->what.empty());
    } else {
        EXPECT_FALSE(error);
        EXPECT_EQ(rig.requests(), 2u);
        EXPECT_EQ(rig.client.requests().retries, row.counts_as_retry ? 1 : 0);
        EXPECT_EQ(rig.client.requests().rate_limited, row.counts_as_retry ? 0 : 1);
        EXPECT_GE(rig.clock.shortest(), runtime::Duration(10));
    }
}

std::string case_name(const testing::TestParamInfo<std::tuple<Row, Method>>& instance) {
    return std::string(std::get<0>(instance.param).name) + "_of_" +
           name_of(std::get<1>(instance.param));
}

INSTANTIATE_TEST_SUITE_P(FailureMatrix, OneFault,
                         testing::Combine(testing::ValuesIn(rows()), testing::ValuesIn(methods)),
                         case_name);

/// A 429 is no fault: it is waited for until the client is cancelled.
std::vector<Row> rows_but_429() {
    auto all = rows();
    std::erase_if(all, [](const Row& row) { return !row.counts_as_retry; });
    return all;
}

class EndlessFault : public testing::TestWithParam<std::tuple<Row, Method>> {};

TEST_P(EndlessFault, IsGivenUpWithoutRepeatingWhatMustNotBeRepeated) {
    const auto& [row, method] = GetParam();
    Rig rig;
    rig.transport.otherwise([fault = row.fault](const http::Request&) { return fault(); });
    const auto error = call(rig, method);
    ASSERT_TRUE(error);
    const auto expected = is_read(method) ? row.of_reads : row.of_writes;
    EXPECT_EQ(error->failure, expected.value_or(Failure::unavailable));
    constexpr std::size_t plain_reads = 3;
    EXPECT_LE(rig.requests(), (expected ? 1u : 8u) + plain_reads);
    EXPECT_LE(rig.elapsed(), runtime::Duration(85'000));
}

INSTANTIATE_TEST_SUITE_P(FailureMatrix, EndlessFault,
                         testing::Combine(testing::ValuesIn(rows_but_429()),
                                          testing::ValuesIn(methods)),
                         case_name);

TEST(FailureMatrixTest, AnErrorCarriesWhatMedicappSaysOfIt) {
    Rig rig;
    rig.transport.then(json_error(400, "INVALID_PHONE"));
    const auto reply = rig.run(rig.client.create(planted_patient()));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().status, 400);
    EXPECT_EQ(reply.error().code, "INVALID_PHONE");
    EXPECT_EQ(reply.error().request_id, "req-7");
    EXPECT_EQ(reply.error().message, "Plantagenet is refused");
    EXPECT_EQ(reply.error().what, "POST /patients: 400 INVALID_PHONE");
}

TEST(FailureMatrixTest, ACreateWhoseAnswerHasNoIdMayHaveHappened) {
    for (const auto* body : {"", "{}", R"({"id":""})", R"({"id":1.5})", R"({"id":null})"}) {
        Rig rig;
        rig.transport.then(response(201, body));
        const auto reply = rig.run(rig.client.create(planted_patient()));
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().failure, Failure::unknown) << body;
        EXPECT_EQ(rig.requests(), 1u);
    }
}

} // namespace
} // namespace medibridge::test
