# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What schemathesis has to know about our answers."""

import schemathesis


@schemathesis.hook
def after_call(_context, _case, response):
    # JSON is UTF-8 (RFC 8259); without a charset the client library would guess.
    response.encoding = "utf-8"
