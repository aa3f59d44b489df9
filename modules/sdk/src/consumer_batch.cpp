// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "consumer_batch.hpp"

#include <algorithm>
#include <utility>

#include "annals/sdk/client.hpp"
#include "annals/sdk/failure.hpp"

namespace annals::sdk {
namespace {

constexpr std::chrono::milliseconds kWithinTimeout{1'000
};  // a server that is away holds nothing up
constexpr std::chrono::milliseconds kEndTimeout{10'000};
constexpr std::size_t kStrideMax = 8;

}  // namespace

BatchWork::BatchWork(
    std::shared_ptr<const Client::Impl> client,
    const Batch& batch,
    std::chrono::steady_clock::duration pause,
    Offer offer
)
    : client_(std::move(client)), batch_(batch), pause_(pause), offer_(std::move(offer)) {}

void BatchWork::handled(std::size_t count) {
    if (count < look_at_ || count == batch_.events.size()) return;
    const auto taken = std::chrono::steady_clock::now() - looked_;
    // the clock of a batch that is quick is asked seldom
    look_at_ = count + (taken < pause_ / kStrideMax ? std::min(count, kStrideMax) : 1);
    if (taken >= pause_) offer_within(count, kWithinTimeout);
}

void BatchWork::end(std::size_t count) {
    if (count == batch_.events.size()) {
        offer(batch_.position, count);
    } else if (count > offered_) {
        offer_within(count, kEndTimeout);
    }
}

void BatchWork::offer_within(std::size_t count, std::chrono::milliseconds timeout) {
    looked_ = std::chrono::steady_clock::now();
    // A batch has one token, for its end: that of an event within it is read. Of an event that is
    // gone by now there is none: what was handled comes again then, for the token of the next one
    // would pass over what was not.
    const Position position = batch_.events[count - 1].position;
    try {
        const Page page = Client(client_).with_timeout(timeout).read_page(
            {.include_system = true, .start = FromPosition{position}}, {.limit = 1}
        );
        if (page.events.size() != 1 || page.events[0].position != position) return;
        offer(page.next, count);
    } catch (const Failure&) {
        return;  // it is offered later, or comes again
    }
}

void BatchWork::offer(const std::string& position, std::size_t count) {
    offer_(position, count - offered_);
    offered_ = count;
}

}  // namespace annals::sdk
