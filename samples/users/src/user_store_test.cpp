// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "user_store.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "refused.hpp"

namespace users {
namespace {

/// Users in memory; `meanwhile` is done once, after the next append was decided and before it is
/// sent: what another instance of the service may do at any time.
class UserStoreTest : public ::testing::Test {
  protected:
    UserStoreTest() : client_(open()), store_(client_, std::chrono::seconds(30)) {}

    static Profile profile(std::string email) {
        Profile made;
        made.email = std::move(email);
        return made;
    }

    static ProfileChange change_to(std::string email) { return {.email = std::move(email)}; }

    void expect_refused(Reason reason, const std::function<void()>& call) {
        try {
            call();
            ADD_FAILURE() << "nothing was refused, want " << name_of(reason);
        } catch (const Refused& refused) {
            EXPECT_EQ(refused.reason(), reason) << refused.message();
        }
    }

    std::function<void()> meanwhile_;

  private:
    annals::Client open() {
        annals::ClientOptions options;
        options.backoff = {
            .first = std::chrono::milliseconds(1), .max = std::chrono::milliseconds(2)
        };
        options.start_append = [this](std::string_view) -> std::unique_ptr<annals::TraceSpan> {
            if (const auto meanwhile = std::exchange(meanwhile_, nullptr)) meanwhile();
            return nullptr;
        };
        return annals::embedded::open("", {.is_memory = true, .client = std::move(options)});
    }

    annals::Client client_;

  protected:
    UserStore store_;
};

TEST_F(UserStoreTest, AnAddressBelongsToOneUserInAnyCaseOfLetters) {
    const User ada = store_.create(profile("Ada@Example.com"));
    const User bob = store_.create(profile("bob@example.com"));
    for (const char* email : {"Ada@Example.com", "ada@example.com", "ADA@EXAMPLE.COM"}) {
        expect_refused(Reason::kEmailTaken, [&] { (void)store_.create(profile(email)); });
        expect_refused(Reason::kEmailTaken, [&] {
            (void)store_.update({bob.id}, change_to(email));
        });
    }
    EXPECT_EQ(
        store_.update({ada.id}, change_to("ada@example.COM")).profile.email, "ada@example.COM"
    );
}

TEST_F(UserStoreTest, AnAddressThatWasTakenMeanwhileIsRefused) {
    meanwhile_ = [&] { (void)store_.create(profile("ada@example.com")); };
    expect_refused(Reason::kEmailTaken, [&] { (void)store_.create(profile("Ada@example.com")); });
    const User bob = store_.create(profile("bob@example.com"));
    meanwhile_ = [&] { (void)store_.create(profile("carol@example.com")); };
    expect_refused(Reason::kEmailTaken, [&] {
        (void)store_.update({bob.id}, change_to("carol@example.com"));
    });
    EXPECT_EQ(store_.get({bob.id}).profile.email, "bob@example.com");
}

TEST_F(UserStoreTest, AnAddressThatCameAndWentMeanwhileIsFree) {
    meanwhile_ = [&] { (void)store_.remove({store_.create(profile("ada@example.com")).id}); };
    EXPECT_EQ(store_.create(profile("ada@example.com")).version, 1u);
}

TEST_F(UserStoreTest, AnAddressIsFreeOnceItWasGivenBack) {
    const User ada = store_.create(profile("ada@example.com"));
    (void)store_.update({ada.id}, change_to("countess@example.com"));
    const User other = store_.create(profile("ada@example.com"));
    (void)store_.remove({other.id});
    EXPECT_EQ(store_.update({ada.id}, change_to("ada@example.com")).version, 3u);
    EXPECT_EQ(store_.create(profile("countess@example.com")).version, 1u);
}

TEST_F(UserStoreTest, AVersionThatWasOvertakenMeanwhileIsRefused) {
    const User ada = store_.create(profile("ada@example.com"));
    meanwhile_ = [&] { (void)store_.update({ada.id}, {.first_name = "Ada"}); };
    expect_refused(Reason::kChanged, [&] {
        (void)store_.update({ada.id, 1}, {.first_name = "Augusta"});
    });
    meanwhile_ = [&] { (void)store_.update({ada.id}, {.last_name = "King"}); };
    const User now = store_.update({ada.id}, {.first_name = "Augusta"});
    EXPECT_EQ(now.version, 4u);
    EXPECT_EQ(now.profile.last_name, "King");
}

}  // namespace
}  // namespace users
