# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What makes an e-mail address belong to one user (samples/users), taken out one at a time."""

TESTS = "sample_users_test"
CLAIMS = "samples/users/src/email_claims.cpp"
EMAIL = "samples/users/src/email.cpp"
STORE = "samples/users/src/user_store.cpp"

# (what is taken out, file, its exact text, the replacement, test program, test)
MUTATIONS = [
    (
        "an append that claims an address has the condition",
        STORE,
        "options.checks.push_back(claims.claim(emails.claimed, stream));",
        "static_cast<void>(claims.claim(emails.claimed, stream));",
        TESTS,
        "UserStoreTest.AnAddressThatWasTakenMeanwhileIsRefused",
    ),
    (
        "the condition counts from what was read",
        CLAIMS,
        ".after = position}",
        ".after = \"\"}",
        TESTS,
        "UserStoreTest.AnAddressIsFreeOnceItWasGivenBack",
    ),
    (
        "who has an address is looked for before",
        CLAIMS,
        "if (still_has && holder != stream) {",
        "if (false) {",
        TESTS,
        "UserStoreTest.AnAddressBelongsToOneUserInAnyCaseOfLetters",
    ),
    (
        "who has an address may keep it",
        CLAIMS,
        "if (still_has && holder != stream) {",
        "if (still_has) {",
        TESTS,
        "UserStoreTest.AnAddressBelongsToOneUserInAnyCaseOfLetters",
    ),
    (
        "addresses that differ in case are one",
        EMAIL,
        "static_cast<char>(sign - 'A' + 'a')",
        "sign",
        TESTS,
        "UserStoreTest.AnAddressBelongsToOneUserInAnyCaseOfLetters",
    ),
    (
        "giving an address back is told under its tag",
        STORE,
        "if (!emails.released.empty()) {",
        "if (false) {",
        TESTS,
        "UserStoreTest.AnAddressIsFreeOnceItWasGivenBack",
    ),
    (
        "an event that gives an address back holds none",
        CLAIMS,
        "        return updated->change.email && email_tag(*updated->change.email) == tag;\n",
        "        return true;\n",
        TESTS,
        "UserStoreTest.AnAddressIsFreeOnceItWasGivenBack",
    ),
    (
        "an append has the revision that was read",
        STORE,
        "options.expected = now.revision ? annals::at(*now.revision) : annals::kNoStream;",
        "",
        TESTS,
        "UserStoreTest.AVersionThatWasOvertakenMeanwhileIsRefused",
    ),
]
