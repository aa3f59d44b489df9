// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "workload.hpp"

#include <cstdio>

#include "annals/base/clock.hpp"
#include "annals/base/uuid.hpp"

namespace annals::bench_kit {

EventMaker::EventMaker() : data_(R"({"number":00000000000000000000,"filler":")") {
    data_.append(kEventDataBytes - data_.size() - 2, 'x');
    data_ += "\"}";
}

model::NewEvent EventMaker::make(std::string_view stream) {
    constexpr std::size_t kDigitsFrom = 10;
    constexpr std::size_t kDigits = 20;
    std::uint64_t number = 1'000'000'000 + ++number_;  // no leading zero: JSON
    for (std::size_t at = kDigits; at-- > 0; number /= 10) {
        data_[kDigitsFrom + at] = static_cast<char>('0' + number % 10);
    }
    data_[kDigitsFrom] = '1';
    model::NewEvent event;
    event.stream = stream;
    event.id = make_uuid_v7(system_clock());
    event.type = "Measured";
    event.data = data_;
    return event;
}

std::string stream_name(std::string_view category, std::uint64_t number) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "-%08llu", static_cast<unsigned long long>(number));
    return std::string(category) + text.data();
}

}  // namespace annals::bench_kit
