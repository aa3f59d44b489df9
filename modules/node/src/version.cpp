// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/node/node.hpp"

namespace annals::node {

std::string program_version() { return "0.1.0"; }

}  // namespace annals::node
