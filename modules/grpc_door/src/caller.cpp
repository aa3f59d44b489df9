// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "caller.hpp"

#include <grpc/support/time.h>

#include "annals/base/clock.hpp"

namespace annals::grpc_door {
namespace {

/// gRPC's deadline on our monotonic clock.
std::int64_t deadline_of(const grpc::ServerContextBase& call) {
    const gpr_timespec deadline = call.raw_deadline();
    constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0) return kNever;
    const gpr_timespec left = gpr_time_sub(deadline, gpr_now(deadline.clock_type));
    // far ahead: a deadline of years is none
    if (left.tv_sec > 1'000'000'000) return kNever;
    return system_clock().monotonic_ns() + left.tv_sec * 1'000'000'000 + left.tv_nsec;
}

}  // namespace

std::string_view metadata_of(const grpc::ServerContextBase& call, std::string_view name) {
    const auto& all = call.client_metadata();
    const auto found = all.find({name.data(), name.size()});
    if (found == all.end()) return {};
    return {found->second.data(), found->second.size()};
}

api::CallContext context_of(const grpc::ServerContextBase& call) {
    api::CallContext context;
    context.deadline_ns = deadline_of(call);
    context.traceparent = metadata_of(call, "traceparent");
    if (!context.traceparent.empty()) context.tracestate = metadata_of(call, "tracestate");
    return context;
}

api::CallContext context_of(const grpc::ServerContextBase& call, std::string_view name_space) {
    api::CallContext context = context_of(call);
    if (!name_space.empty()) context.name_space = name_space;
    return context;
}

}  // namespace annals::grpc_door
