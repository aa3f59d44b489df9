// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "email.hpp"

#include <gtest/gtest.h>

namespace users {
namespace {

TEST(EmailTag, FoldsTheCaseOfAsciiLettersInTheWholeAddress) {
    EXPECT_EQ(email_tag("Ada@Example.COM"), "email:ada@example.com");
    EXPECT_EQ(email_tag("AZaz[`{@9"), "email:azaz[`{@9");
}

TEST(EmailTag, KeepsEveryOtherByte) {
    EXPECT_EQ(email_tag("\u00dc@x.de"), "email:\u00dc@x.de");  // U with diaeresis
    EXPECT_NE(email_tag("\u00dc@x.de"), email_tag("\u00fc@x.de"));
    EXPECT_NE(email_tag("\u212a@x.de"), email_tag("k@x.de"));        // KELVIN SIGN
    EXPECT_NE(email_tag("\u0130@x.de"), email_tag("i@x.de"));        // I WITH DOT ABOVE
    EXPECT_NE(email_tag("\u00e9@x.de"), email_tag("e\u0301@x.de"));  // composed, and not
}

TEST(WhyNoEmail, NamesWhatNoAddressHas) {
    EXPECT_EQ(why_no_email("ada@example.com"), "");
    EXPECT_EQ(why_no_email("\u00fc@m\u00fcnchen.de"), "");
    for (const char* text : {"", "ada", "@example.com", "ada@", "a da@example.com", "ada@x\n"}) {
        EXPECT_NE(why_no_email(text), "") << text;
    }
}

}  // namespace
}  // namespace users
