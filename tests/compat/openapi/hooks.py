# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What schemathesis has to know about our requests and answers."""

import re

import schemathesis

WAIT = re.compile(r"[0-9]{1,4}ms|[1-5]?[0-9]s?|1m")


@schemathesis.hook
def map_query(_context, query):
    # A wait of a minute is answered after a minute, as it should be: what is looked at here is the
    # answer. What is no wait stays as it is.
    if query and WAIT.fullmatch(str(query.get("wait", ""))):
        query["wait"] = "50ms"
    return query


@schemathesis.hook
def after_call(_context, _case, response):
    # JSON is UTF-8 (RFC 8259); without a charset the client library would guess.
    response.encoding = "utf-8"
