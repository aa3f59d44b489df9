// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// The contract of api::EventStore: what every body of the seam does, as tests with names as
// sentences. A body is a factory and one line in a test file:
//
//     ANNALS_EVENT_STORE_CONTRACT(Direct, direct_body());
//
// The tests are compiled once, in the library annals_event_store_contract, which every body's test
// links. Each test gets a fresh store (EventStoreHost). Codes and fields are checked, never
// sentences.

#include <gtest/gtest.h>

#include "damage_contract.hpp"
#include "event_store_fixture.hpp"
#include "event_store_host.hpp"
#include "filter_contract.hpp"
#include "life_contract.hpp"
#include "removed_contract.hpp"
#include "snapshot_contract.hpp"

#define ANNALS_EVENT_STORE_CONTRACT_OF(Suite, Name, ...)             \
    INSTANTIATE_TEST_SUITE_P(                                        \
        Name,                                                        \
        Suite,                                                       \
        ::testing::Values(__VA_ARGS__),                              \
        [](const auto& param_info) { return param_info.param.name; } \
    )

#define ANNALS_EVENT_STORE_CONTRACT(Name, ...)                             \
    ANNALS_EVENT_STORE_CONTRACT_OF(EventStoreContract, Name, __VA_ARGS__); \
    ANNALS_EVENT_STORE_CONTRACT_OF(FilterContract, Name, __VA_ARGS__);     \
    ANNALS_EVENT_STORE_CONTRACT_OF(StreamLifeContract, Name, __VA_ARGS__); \
    ANNALS_EVENT_STORE_CONTRACT_OF(RemovedContract, Name, __VA_ARGS__);    \
    ANNALS_EVENT_STORE_CONTRACT_OF(SnapshotContract, Name, __VA_ARGS__)
