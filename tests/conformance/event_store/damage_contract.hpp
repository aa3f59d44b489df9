// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Stored bytes that are damaged, seen through the seam: what lies before and behind them is read as
// ever, and whoever reads them is told. Not part of every body's contract: a body that is scavenged
// meanwhile stops at the damage.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "event_store_fixture.hpp"

namespace annals::conformance {

/// Ten events of a-1 (odd positions) and b-1 (even ones); the fifth is damaged.
class DamagedContract : public EventStoreContract {
  protected:
    static constexpr std::uint64_t kDamaged = 5;

    void SetUp() override {
        for (std::uint64_t n = 1; n <= 10; ++n) {
            const std::string data = "{\"number\":\"" + std::to_string(n) + "\"}";
            tokens_.push_back(
                accept(n % 2 == 1 ? "a-1" : "b-1", {event_of("happened", data)}).position
            );
        }
        damage("{\"number\":\"5\"}");
    }
    static void expect_place(const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kDataLoss) << error.to_string();
        EXPECT_FALSE(error.field("segment").empty()) << error.to_string();
        EXPECT_FALSE(error.field("offset").empty()) << error.to_string();
    }
    /// Pages up to the error.
    struct Pages {
        Numbers positions;
        std::optional<Error> error;
    };
    Pages pages(api::ReadRequest request) {
        Pages all;
        while (true) {
            Result<api::ReadPage> page = store().read({}, request);
            if (!page) {
                all.error = std::move(page).take_error();
                return all;
            }
            const Numbers part = positions_of(page->events);
            all.positions.insert(all.positions.end(), part.begin(), part.end());
            if (page->is_end || HasFailure()) return all;
            request.start = api::AfterToken{page->next};
        }
    }
    /// Events of a subscription up to its error.
    Pages frames(const api::SubscribeRequest& request) {
        Pages all;
        Result<std::unique_ptr<api::Subscription>> begun = store().subscribe({}, request);
        while (begun) {
            Result<api::SubscriptionFrame> frame = (*begun)->next(kForever);
            if (!frame) {
                all.error = std::move(frame).take_error();
                return all;
            }
            const Numbers part = positions_of(frame->events);
            all.positions.insert(all.positions.end(), part.begin(), part.end());
        }
        all.error = std::move(begun).take_error();
        return all;
    }

    std::vector<std::string> tokens_;  ///< of position n at n - 1
};

}  // namespace annals::conformance
