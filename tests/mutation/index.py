# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What must hold of the index, taken out one at a time."""

ORDERER = "annals_order_local_test"
INDEX = "annals_index_test"

# (what is taken out, file, its exact text, the replacement, test program, test)
MUTATIONS = [
    (
        "3.1: the index is kept only where the log agrees with its mark",
        "modules/order_local/src/index_feed.cpp",
        "return chain && *chain == mark.chain;",
        "return true;",
        ORDERER,
        "DamagedLogTest.AnIndexOfAnotherLogIsThrownAwayAndTheAnswersAreTheSame",
    ),
    (
        "3.1: an index that took for lost what is whole again is made anew",
        "modules/order_local/src/index_feed.cpp",
        "if (reader.at(position)) is_lost = false;",
        "",
        ORDERER,
        "DamagedLogTest.OnceRestoredTheIndexIsMadeAnew",
    ),
    (
        "a stream's missing revisions are among the lost positions",
        "modules/order_local/src/lost_events.cpp",
        "found.events_[at] = {gap.stream, gap.next};",
        "",
        ORDERER,
        "DamagedLogTest.OpensWithWhatIsWholeAndSaysHowManyEventsWereLost",
    ),
    (
        "3.2: the position is a key inside the ingested set",
        "modules/index/src/builder.cpp",
        "ANNALS_CHECK(add_mark(file, window));",
        "",
        INDEX,
        "IndexRules3_1.KeepsThePositionAndTheChainThatItHasReached",
    ),
    (
        "3.1: the chain at the position is kept beside it",
        "modules/index/src/builder.cpp",
        "    encode_mark(value_, IndexMark{Position(window.end()), window.chain()});",
        "    encode_mark(value_, IndexMark{Position(window.end()), 0});",
        INDEX,
        "IndexRules3_1.KeepsThePositionAndTheChainThatItHasReached",
    ),
    (
        "3.2: all families and the position come in one call",
        "modules/index/src/builder.cpp",
        "    Status done = build(window, path);",
        "    put_name_key(key_, Family::kMark, \"\");\n"
        "    encode_mark(value_, IndexMark{Position(window.end()), window.chain()});\n"
        "    store_.db().Put(rocksdb::WriteOptions(), key_, value_).PermitUncheckedError();\n"
        "    Status done = build(window, path);",
        INDEX,
        "IndexRules3_2.AFailingDiskIsReportedAndHealsWhileAddGoesOn",
    ),
    (
        "3.2: what is not ingested is bounded in events",
        "modules/index/src/index_impl.cpp",
        "window.end() - window.base() + 1 >= options_.window_events_max ||",
        "false ||",
        INDEX,
        "IndexRules3_2.TheWindowIsBoundedInEvents",
    ),
    (
        "3.2: what is not ingested is bounded in bytes",
        "modules/index/src/index_impl.cpp",
        "active_bytes_ >= options_.window_bytes_max;",
        "false;",
        INDEX,
        "IndexRules3_2.TheWindowIsBoundedInBytes",
    ),
    (
        "3.4: blocks are small",
        "modules/index/src/store_options.cpp",
        "table.block_size = 8u << 10u;",
        "table.block_size = 1u << 20u;",
        INDEX,
        "IndexRules3_4.AStreamThatIsSpreadOverTheLogCostsSmallReads",
    ),
]
