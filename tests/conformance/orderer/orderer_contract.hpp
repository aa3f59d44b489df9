// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// The contract of commit::Orderer: every rule of log-and-rules 2, and what 1.4 and 1.5 say of
// answers, as a test named after it. A body of the port is one more line in a test file:
//
//     ANNALS_ORDERER_CONTRACT(LocalOnDisk, local_on_disk());

#include <gtest/gtest.h>

#include "append_contract.hpp"
#include "check_contract.hpp"
#include "derived_contract.hpp"
#include "identity_contract.hpp"
#include "life_contract.hpp"
#include "model_contract.hpp"
#include "race_contract.hpp"
#include "stream_life_contract.hpp"
#include "tracking_contract.hpp"

#define ANNALS_ORDERER_CONTRACT_OF(Suite, Name, body)                                      \
    INSTANTIATE_TEST_SUITE_P(Name, Suite, ::testing::Values(body), [](const auto& param) { \
        return param.param.name;                                                           \
    })

/// All of the contract for one body.
#define ANNALS_ORDERER_CONTRACT(Name, body)                  \
    ANNALS_ORDERER_CONTRACT_OF(AppendAnswer, Name, body);    \
    ANNALS_ORDERER_CONTRACT_OF(AgainstTheModel, Name, body); \
    ANNALS_ORDERER_CONTRACT_OF(Rules1_4, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules1_5, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules2_2, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules2_3, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules2_4, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules2_6, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules2_7, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules2_8, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Races, Name, body);           \
    ANNALS_ORDERER_CONTRACT_OF(Closing, Name, body)
