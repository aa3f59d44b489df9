// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/cli/run.hpp"

int main(int argc, char** argv) { return annals::cli::run(argc, argv); }
