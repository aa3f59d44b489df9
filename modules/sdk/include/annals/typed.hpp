// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Entities and decisions as structs; needs nlohmann/json.
#include "annals/annals.hpp"
#include "annals/sdk/decide.hpp"
#include "annals/sdk/entities.hpp"
#include "annals/sdk/scenario.hpp"
