# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The client's version: that of the server it was released with."""

__version__ = "0.1.0"
