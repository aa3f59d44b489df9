// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "annals/sdk/consumer.hpp"
#include "annals/sdk/group.hpp"
#include "annals/sdk/options.hpp"

namespace annals::sdk {

// Options that cannot be are refused here, before anything is done: invalid_argument, thrown, with
// the fields `field` and `value`; the message says what can be given.

/// What both kinds of client share.
void check_options(const ClientOptions& options);
/// HOST:PORT, or one of gRPC's own names of a server.
void check_address(const std::string& address);
/// A time in which something must happen: more than 0, at most a year.
void check_time(const char* field, std::chrono::milliseconds time);
/// A time between two things: 0 to a year.
void check_pause(const char* field, std::chrono::milliseconds time);
/// How often something is done, the first time included: 1 or more.
void check_attempts(int attempts_max);
void check_consumer(const ConsumerOptions& options);
void check_work(const Work& work);
/// Before a delivery is given again: what the wire carries of it.
std::uint32_t checked_delay_ms(std::chrono::milliseconds delay);
/// Of an index in this process, its declared range in bytes.
void check_index_memory(std::uint64_t bytes);

}  // namespace annals::sdk
