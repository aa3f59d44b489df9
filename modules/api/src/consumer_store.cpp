// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api/consumer_store.hpp"

#include <future>
#include <memory>

namespace annals::api {

Result<ConsumerProgress> ConsumerStore::save_and_wait(
    const CallContext& context, const SaveProgressRequest& request
) {
    // Joins the answering thread, which may be inside set_value still, with this one.
    const auto promise = std::make_shared<std::promise<Result<ConsumerProgress>>>();
    std::future<Result<ConsumerProgress>> answer = promise->get_future();
    save(context, request, [promise](Result<ConsumerProgress> result) {
        promise->set_value(std::move(result));
    });
    return answer.get();
}

void ConsumerStore::save_offset(
    const CallContext& context,
    const SaveOffsetRequest& request,
    SaveDone done  // NOLINT(performance-unnecessary-value-param): other bodies keep it
) {
    (void)context;
    (void)request;
    done(Error(
        ErrorCode::kNotSupported,
        "offsets of other dialects are saved through these dialects alone: save a position"
    ));
}

}  // namespace annals::api
