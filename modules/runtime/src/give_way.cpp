// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/give_way.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace annals::runtime {
namespace {

std::int64_t yield_once() {
    const auto began = std::chrono::steady_clock::now();
    std::this_thread::yield();
    return std::chrono::nanoseconds(std::chrono::steady_clock::now() - began).count();
}

}  // namespace

GiveWay::GiveWay() : GiveWay(yield_once) {}
GiveWay::GiveWay(std::function<std::int64_t()> timed_yield)
    : timed_yield_(std::move(timed_yield)) {}

bool GiveWay::operator()(int yields) {
    if (without_ > 0) {
        --without_;
        return false;
    }
    for (int i = 0; i < yields; ++i) {
        if (timed_yield_() < kLongNs) continue;
        without_ = kTurnsWithout;
        return false;
    }
    return true;
}

}  // namespace annals::runtime
