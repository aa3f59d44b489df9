// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/codec/xml_text.hpp"

#include <gtest/gtest.h>

namespace annals::codec {
namespace {

TEST(XmlText, WritesWhatAReaderGivesBack) {
    EXPECT_EQ(xml_text("a < b & \"c\" > d"), "a &lt; b &amp; &quot;c&quot; &gt; d");
    EXPECT_EQ(xml_text("one\ttwo\r\n"), "one&#9;two&#13;&#10;");
    EXPECT_EQ(xml_text("größer"), "größer");
    EXPECT_EQ(xml_text(""), "");
}

TEST(XmlText, WritesAttributes) {
    std::string out = "<a";
    append_xml_attribute(out, "key", "x=\"1\"");
    EXPECT_EQ(out, "<a key=\"x=&quot;1&quot;\"");
}

}  // namespace
}  // namespace annals::codec
