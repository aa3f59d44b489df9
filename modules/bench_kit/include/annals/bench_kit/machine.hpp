// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

namespace annals::bench_kit {

/// Processor, cores, system: what figures belong to.
std::string machine_text();
/// How busy the machine is, to be asked before anything is measured.
std::string machine_load();

}  // namespace annals::bench_kit
