# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Many at once, over two instances of the service: one address has one user, one version has one
successor."""

import collections
import threading
import unittest

import grpc
from users_client import PATIENT, Code, Users, UsersTest, new_email, start_users

WRITERS = 16
ROUNDS = 5


class RacesTest(UsersTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        second = cls.enterClassContext(start_users(cls.server.address, *PATIENT))
        cls.instances = [cls.sample, second]
        cls.stubs = [Users(cls.instances[number % 2].ports["grpc"]) for number in range(WRITERS)]
        for stub in cls.stubs:
            cls.addClassCleanup(stub.close)

    def at_once(self, call):
        """What `call(number)` answered or refused with, of all writers at the same time."""
        start = threading.Barrier(WRITERS)
        answers = [None] * WRITERS

        def run(number):
            start.wait()
            try:
                answers[number] = call(number)
            except grpc.RpcError as error:
                answers[number] = error.code()

        writers = [threading.Thread(target=run, args=(number,)) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        return answers

    def one_won(self, answers):
        """The winner's answer; everybody else must have been told that it exists."""
        refused = collections.Counter(one for one in answers if isinstance(one, Code))
        self.assertEqual(refused, {Code.ALREADY_EXISTS: WRITERS - 1})
        return next(one for one in answers if not isinstance(one, Code))

    def test_one_of_many_has_a_new_address(self):
        for _ in range(ROUNDS):
            email = new_email()
            winner = self.one_won(self.at_once(lambda n, email=email: self.stubs[n].create(
                email.upper() if n % 3 == 0 else email, str(n))))
            tagged = self.server.jsonl("stream", "read", "--tag", f"email:{email}")
            self.assertEqual([one["stream"] for one in tagged],
                             [f"contracts.users.User-{winner.originator.id}"])

    def test_one_of_many_over_rest_gets_201(self):
        email = new_email()
        answers = self.at_once(lambda n: self.instances[n % 2].ask(
            "POST", "/v1/users", {"email": email})[0])
        self.assertEqual(collections.Counter(answers), {201: 1, 409: WRITERS - 1})

    def test_one_of_many_gets_an_address_that_comes_free(self):
        users = [self.users.create(new_email()).originator.id for _ in range(WRITERS)]
        for _ in range(ROUNDS):
            email = new_email()
            holder = self.users.create(email).originator.id
            # one gives it back while the others want it: before that all are refused
            gone = threading.Thread(target=self.users.delete, args=(holder,))
            gone.start()
            answers = self.at_once(
                lambda n, email=email: self.stubs[n].update(users[n], email=email))
            gone.join()
            won = [one for one in answers if not isinstance(one, Code)]
            self.assertLessEqual(len(won), 1)
            self.assertEqual({one for one in answers if isinstance(one, Code)},
                             {Code.ALREADY_EXISTS})
            have = [id for id in users if self.users.get(id).email == email]
            self.assertEqual(have, [one.originator.id for one in won])

    def test_one_of_many_changes_a_version(self):
        for _ in range(ROUNDS):
            id = self.users.create(new_email()).originator.id
            winner = self.one_won(self.at_once(
                lambda n, id=id: self.stubs[n].update(id, "1", first_name=f"w{n}")))
            self.assertEqual(self.users.get(id), winner)

    def test_all_change_where_no_version_is_named(self):
        id = self.users.create(new_email()).originator.id
        answers = self.at_once(lambda n: self.stubs[n].update(id, first_name=f"w{n}"))
        # who was refused was overtaken again and again; nobody is lost or doubled
        changed = [one for one in answers if not isinstance(one, Code)]
        versions = sorted(int(one.originator.version) for one in changed)
        self.assertEqual(versions, list(range(2, len(changed) + 2)))
        self.assertEqual(self.users.get(id).originator.version, str(len(changed) + 1))
        self.assertGreater(len(changed), WRITERS // 2)


if __name__ == "__main__":
    unittest.main()
