# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Runs the scenarios of tests/compat/clients with the Python client, blocking or asyncio."""
