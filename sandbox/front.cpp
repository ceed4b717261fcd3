#include "sandbox/front.hpp"

#include <algorithm>
#include <string>

namespace medibridge::sandbox {

namespace {

constexpr Millis longer_than_any_client_waits = 3'600'000;

std::string_view phrase(unsigned status) {
    switch (status) {
    case 401:
        return "Authorization Required";
    case 403:
        return "Forbidden";
    case 413:
        return "Request Entity Too Large";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Temporarily Unavailable";
    case 504:
        return "Gateway Time-out";
    default:
        return "Error";
    }
}

std::string page(std::string_view title) {
    std::string html = "<html>\r\n<head><title>";
    html += title;
    html += "</title></head>\r\n<body>\r\n<center><h1>";
    html += title;
    html += "</h1></center>\r\n<hr><center>proxy</center>\r\n</body>\r\n</html>\r\n";
    return html;
}

std::string_view error_code(unsigned status) {
    switch (status) {
    case 400:
        return "VALIDATION_ERROR";
    case 401:
        return "UNAUTHORIZED";
    case 403:
        return "FORBIDDEN";
    case 404:
        return "NOT_FOUND";
    case 409:
        return "CONFLICT";
    case 429:
        return "RATE_LIMITED";
    default:
        return status < 500 ? "REFUSED" : "INTERNAL_ERROR";
    }
}

} // namespace

Front::Front(Side side, Service& service, FaultScript& faults)
    : side_(side),
      service_(service),
      faults_(faults) {}

Reply Front::handle(const Request& request) {
    const bool list = service_.is_list(request.path);
    ++stats_.by_verb[static_cast<std::size_t>(request.verb)];
    stats_.lists += list && request.verb == Verb::get;
    stats_.most_in_flight = std::max(stats_.most_in_flight, ++stats_.in_flight);
    const std::string patient = faults_.names_patients() ? service_.patient_of(request) : "";
    const Fault fault = faults_.next(side_, request.verb, list, patient);
    Reply reply;
    if (!fault.strikes || fault.after) reply = service_.answer(request);
    if (fault.strikes) strike(reply, fault);
    stats_.faults += fault.strikes || fault.delay > 0;
    reply.delay += fault.delay;
    reply.date = service_.now();
    if (reply.wire == Wire::whole)
        ++stats_.by_status[std::min<std::size_t>(reply.status, stats_.by_status.size() - 1)];
    else
        ++stats_.unanswered;
    return reply;
}

void Front::strike(Reply& reply, const Fault& fault) {
    static constexpr std::string_view html = "text/html; charset=utf-8";
    switch (fault.kind) {
    case FaultKind::status:
        reply = service_.error(fault.status, error_code(fault.status), "a fault of the script");
        break;
    case FaultKind::gateway:
        reply = Reply();
        reply.status = fault.status;
        reply.content_type = html;
        reply.body = page(std::to_string(fault.status) + ' ' + std::string(phrase(fault.status)));
        break;
    case FaultKind::html:
        reply = Reply();
        reply.content_type = html;
        reply.body = page("Maintenance");
        break;
    case FaultKind::garbage:
        reply.status = 200;
        reply.body = "{\"data\":[{\"id\":";
        break;
    case FaultKind::empty:
        reply = Reply();
        break;
    case FaultKind::reset:
        reply.wire = Wire::reset;
        break;
    case FaultKind::close:
        reply.wire = Wire::close;
        break;
    case FaultKind::hang:
        reply.wire = Wire::close;
        reply.delay = longer_than_any_client_waits;
        break;
    case FaultKind::truncate:
        reply.wire = Wire::cut;
        break;
    case FaultKind::pack:
        reply.headers += "Content-Encoding: " + std::string(name(fault.packing)) + "\r\n";
        reply.body = packed(reply.body, fault.packing);
        break;
    case FaultKind::slow:
        break;
    }
}

void Front::reset_stats() {
    const auto in_flight = stats_.in_flight;
    stats_ = SideStats();
    stats_.in_flight = in_flight;
    stats_.most_in_flight = in_flight;
}

} // namespace medibridge::sandbox
