// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/base/named_type.hpp"

namespace annals {

/// What a server, or a store in this process, says of itself and of the client's namespace.
struct ServerInfo {
    std::string version;     ///< "embedded" of a store in this process
    std::string log_id;      ///< UUID of the namespace's log
    Position last_position;  ///< end of the log
    std::string position;    ///< its token
    std::string durability;  ///< "every-append", "interval=<ms>" or "memory"
    bool is_read_only = false;
    std::string read_only_reason;
    TimeNs started_time;
};

}  // namespace annals
