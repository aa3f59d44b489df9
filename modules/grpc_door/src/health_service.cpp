// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "health_service.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "annals/codec/wire.hpp"

namespace annals::grpc_door {
namespace {

enum class Health : std::uint64_t { kServing = 1, kNotServing = 2, kServiceUnknown = 3 };

constexpr int kNotFound = 5;

std::string encode(Health health) {
    std::string out;
    codec::FieldWriter(out).varint(1, static_cast<std::uint64_t>(health));
    return out;
}

std::string service_of(std::string_view request) {
    std::string service;
    codec::FieldReader reader(request);
    while (reader.next()) {
        if (reader.field() == 1) service = reader.bytes();
    }
    return service;
}

}  // namespace

struct HealthService::State {
    explicit State(std::vector<std::string> services) : names(std::move(services)) {}

    [[nodiscard]] bool is_known(const std::string& service) const {
        return service.empty() || std::find(names.begin(), names.end(), service) != names.end();
    }
    [[nodiscard]] Health health() const {
        return is_serving ? Health::kServing : Health::kNotServing;
    }

    const std::vector<std::string> names;
    std::mutex mutex;
    bool is_serving = false;
    std::set<Watch*> watches;
};

/// Answers now and at each change.
class HealthService::Watch final : public RpcStream {
  public:
    Watch(std::shared_ptr<State> state, const std::string& service)
        : state_(std::move(state)), is_known_(state_->is_known(service)) {
        const std::lock_guard lock(state_->mutex);
        state_->watches.insert(this);
    }
    ~Watch() override {
        {
            const std::lock_guard lock(state_->mutex);
            state_->watches.erase(this);
        }
        const std::lock_guard wait_for_waker(waker_mutex_);
    }

    Result<Next> next(std::string& message) override {
        const std::lock_guard lock(state_->mutex);
        const Health now = is_known_ ? state_->health() : Health::kServiceUnknown;
        if (told_ == now) {
            is_armed_ = true;
            return Next::kNothing;
        }
        told_ = now;
        message = encode(now);
        return Next::kMessage;
    }
    void set_waker(std::function<void()> waker) override { waker_ = std::move(waker); }

    /// With the state's lock held: whether wake() is to be called, which begins by taking this.
    std::unique_lock<std::mutex> begin_wake() {
        if (!std::exchange(is_armed_, false)) return {};
        return std::unique_lock(waker_mutex_);
    }
    void wake() { waker_(); }

  private:
    const std::shared_ptr<State> state_;
    const bool is_known_;
    std::function<void()> waker_;
    std::mutex waker_mutex_;
    std::optional<Health> told_;
    bool is_armed_ = false;
};

HealthService::HealthService(std::vector<std::string> services)
    : state_(std::make_shared<State>(std::move(services))) {}

HealthService::~HealthService() = default;

void HealthService::set_serving(bool is_serving) {
    std::vector<std::pair<Watch*, std::unique_lock<std::mutex>>> wakes;
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->is_serving == is_serving) return;
        state_->is_serving = is_serving;
        for (Watch* watch : state_->watches) {
            if (auto wake = watch->begin_wake()) wakes.emplace_back(watch, std::move(wake));
        }
    }
    for (auto& [watch, wake] : wakes) watch->wake();
}

std::vector<RpcMethod> HealthService::methods() {
    RpcMethod check;
    check.name = "Check";
    check.handle = [state = state_](const RpcRequest& request, const RpcDone& done) {
        const std::string service = service_of(request.message());
        if (!state->is_known(service)) {
            done(RpcAnswer::failed(kNotFound, "there is no service " + service));
            return;
        }
        Health health = Health::kNotServing;
        {
            const std::lock_guard lock(state->mutex);
            health = state->health();
        }
        done(RpcAnswer::ok(encode(health)));
    };
    RpcMethod watch;
    watch.name = "Watch";
    watch.open = [state = state_](const RpcRequest& request) -> Result<std::unique_ptr<RpcStream>> {
        return std::make_unique<Watch>(state, service_of(request.message()));
    };
    return {check, watch};
}

}  // namespace annals::grpc_door
