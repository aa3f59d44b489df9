#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What the generator of the error catalogue refuses and what it writes."""

import copy
import unittest

import generate

ENTRY = {
    "name": "not_found",
    "number": 7,
    "grpc": "NOT_FOUND",
    "http": 404,
    "retry": "never",
    "sentence": 'There is no "it".',
    "help": "Look elsewhere.",
}


def entry(**changes):
    return copy.deepcopy(ENTRY) | changes


class Rules(unittest.TestCase):
    def refuses(self, errors, words, retired=()):
        with self.assertRaisesRegex(generate.CatalogueError, words):
            generate.check(errors, retired)

    def test_a_good_catalogue_passes(self):
        generate.check([entry(), entry(name="other", number=8)], [9])

    def test_a_number_is_given_once(self):
        self.refuses([entry(), entry(name="other")], "number 7 belongs to not_found")

    def test_a_retired_number_stays_retired(self):
        self.refuses([entry()], "retired", retired=[7])

    def test_a_name_is_given_once(self):
        self.refuses([entry(), entry(number=8)], "name is taken")

    def test_fields_are_whole_and_known(self):
        self.refuses([entry(help="")], "give it a help")
        self.refuses([entry(colour="red")], "unknown field colour")
        self.refuses([entry(name="NotFound")], "snake_case")
        self.refuses([entry(number=256)], "does not fit a byte")
        self.refuses([entry(grpc="NOPE")], "no gRPC status")
        self.refuses([entry(http=200)], "is not an error")
        self.refuses([entry(retry="maybe")], "retry is one of")


class History(unittest.TestCase):
    def test_the_page_remembers_numbers(self):
        page = generate.page([entry()], [])
        generate.check_history([entry()], [], page)
        with self.assertRaisesRegex(generate.CatalogueError, "number 7 belonged to not_found"):
            generate.check_history([entry(name="other")], [], page)
        with self.assertRaisesRegex(generate.CatalogueError, "retired"):
            generate.check_history([], [], page)
        generate.check_history([], [7], page)


class Output(unittest.TestCase):
    def test_names_and_texts_become_cpp(self):
        self.assertIn("kNotFound = 7,", generate.cpp_header([entry()]))
        body = generate.cpp_body([entry()])
        self.assertIn("ErrorCode::kNotFound,", body)
        self.assertIn('"There is no \\"it\\"."', body)


if __name__ == "__main__":
    unittest.main()
