// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Everything that needs nothing but the standard library. Structs instead of JSON texts:
// "annals/typed.hpp".
#include "annals/sdk/client.hpp"
#include "annals/sdk/documents.hpp"
#include "annals/sdk/embedded.hpp"
