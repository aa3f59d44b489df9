# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What schemathesis has to know about our requests and answers."""

import re
import zlib

import schemathesis

NAMESPACE = "described"
WAIT = re.compile(r"[0-9]{1,4}ms|[1-5]?[0-9]s?|1m")


@schemathesis.hook
def map_query(_context, query):
    # A wait of a minute is answered after a minute, as it should be: what is looked at here is the
    # answer. What is no wait stays as it is.
    if query and WAIT.fullmatch(str(query.get("wait", ""))):
        query["wait"] = "50ms"
    # Of a feed alone, and who bounds a page wants none.
    if query and "limit" in query:
        query.pop("batch_events_max", None)
        query.pop("checkpoint_interval", None)
    return query


@schemathesis.hook
def map_path_parameters(_context, path_parameters):
    # A namespace that was made up is not there, and 404 all that is heard of the routes below it:
    # every other one goes to one that is.
    name = (path_parameters or {}).get("namespace")
    if name is not None and zlib.crc32(str(name).encode()) % 2:
        path_parameters["namespace"] = NAMESPACE
    return path_parameters


@schemathesis.hook
def after_call(_context, _case, response):
    # JSON is UTF-8 (RFC 8259); without a charset the client library would guess.
    response.encoding = "utf-8"
