// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

namespace annals::cli {

/// From now on SIGINT and SIGTERM set a flag instead of ending the program; a second one ends it.
void catch_interrupts();
bool is_interrupted();

}  // namespace annals::cli
