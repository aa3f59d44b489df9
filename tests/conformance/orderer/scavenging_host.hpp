// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Another host's orderer, all whose events become stubs as soon as they are visible: what the rules
// answer must not need more (log-and-rules 2.5).
#include <atomic>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "orderer_host.hpp"

namespace annals::conformance {

/// Scavenges everything at the first submission and at each kEvery-th after it.
class ScavengingOrderer final : public commit::Orderer {
  public:
    explicit ScavengingOrderer(std::unique_ptr<commit::Orderer> inner) : inner_(std::move(inner)) {}

    void submit(
        const commit::SubmitContext& context,
        const model::AppendRequest& request,
        commit::SubmitDone done
    ) override {
        constexpr std::uint64_t kEvery = 16;
        if (submissions_.fetch_add(1) % kEvery == 0) remove_everything();
        inner_->submit(context, request, std::move(done));
    }
    [[nodiscard]] const log::SegmentLog& log() const override { return inner_->log(); }
    [[nodiscard]] const index::Index& index() const override { return inner_->index(); }
    [[nodiscard]] commit::VisibleEnd& visible_end() override { return inner_->visible_end(); }
    [[nodiscard]] TimeNs now() const override { return inner_->now(); }
    [[nodiscard]] bool is_clock_distrusted() const override {
        return inner_->is_clock_distrusted();
    }
    [[nodiscard]] std::string durability() const override { return inner_->durability(); }
    [[nodiscard]] std::string read_only_reason() const override {
        return inner_->read_only_reason();
    }
    Status close() override {
        remove_everything();
        return inner_->close();
    }

  private:
    /// Not what happens in a server, where only hidden events go: the worst that could.
    void remove_everything() {
        if (!inner_->seal_segments()) return;  // closing, or read-only
        log::ScavengeRequest request;
        request.is_removable = [](const log::StoredEvent&) -> Result<bool> { return true; };
        for (const log::SealedSegment& segment : inner_->log().sealed_segments()) {
            const bool is_done = segment.last.value + 1 ==
                                 segment.first.value + segment.removed_events;
            if (is_done) continue;
            const auto removed = inner_->scavenge_segment(segment.first, request);
            if (!removed) EXPECT_EQ(removed.error().code(), ErrorCode::kReadOnly);
        }
    }

    const std::unique_ptr<commit::Orderer> inner_;
    std::atomic<std::uint64_t> submissions_{0};
};

class ScavengingHost final : public OrdererHost {
  public:
    explicit ScavengingHost(std::unique_ptr<OrdererHost> inner) : inner_(std::move(inner)) {}

    std::unique_ptr<commit::Orderer> open(const HostOptions& options) override {
        std::unique_ptr<commit::Orderer> opened = inner_->open(options);
        if (opened == nullptr) return nullptr;
        return std::make_unique<ScavengingOrderer>(std::move(opened));
    }
    void delete_index() override { inner_->delete_index(); }

  private:
    const std::unique_ptr<OrdererHost> inner_;
};

}  // namespace annals::conformance
