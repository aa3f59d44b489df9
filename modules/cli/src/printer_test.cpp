// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "printer.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace annals::cli {
namespace {

class PrinterTest : public ::testing::Test {
  protected:
    std::string list(OutputFormat format) {
        Printer(terminal_, format)
            .list(
                {{"NAME", "name"}, {"EVENTS", "events", true}, {"DATA", "data", false, true}},
                {Json{{"name", "order-1"}, {"events", 12}, {"data", {{"a", 1}}}},
                 Json{{"name", "b\033[2J"}, {"events", 3}}}
            );
        return out_.str();
    }

    std::istringstream in_;
    std::ostringstream out_;
    std::ostringstream err_;
    Terminal terminal_{in_, out_, err_};
};

TEST_F(PrinterTest, TablesAlignAndMakeEscapesVisible) {
    EXPECT_EQ(
        list(OutputFormat::kTable),
        "NAME      EVENTS  DATA\norder-1       12  {\"a\":1}\nb\\x1b[2J       3\n"
    );
}

TEST_F(PrinterTest, JsonIsOneArrayAndJsonLinesOneLineEach) {
    EXPECT_EQ(Json::parse(list(OutputFormat::kJson)).size(), 2u);
    out_.str("");
    const std::string lines = list(OutputFormat::kJsonLines);
    EXPECT_EQ(
        lines.substr(0, lines.find('\n')), R"({"name":"order-1","events":12,"data":{"a":1}})"
    );
}

TEST_F(PrinterTest, NarrowTerminalsShortenTheColumnOfLastResort) {
    terminal_.is_out_tty = true;
    terminal_.columns = 40;
    Printer(terminal_, OutputFormat::kTable)
        .list(
            {{"NAME", "name"}, {"DATA", "data", false, true}},
            {Json{{"name", "order-1"}, {"data", std::string(100, 'x')}}}
        );
    std::istringstream lines(out_.str());
    std::string line;
    while (std::getline(lines, line)) EXPECT_LE(display_width(line), 40u);
    EXPECT_NE(out_.str().find("…"), std::string::npos);
}

TEST(Terminal, ColoursOnlyWhereTheyAreWanted) {
    std::istringstream in;
    std::ostringstream out;
    Terminal terminal{in, out, out};
    EXPECT_EQ(styled(terminal, Style::kRed, "x"), "x");
    terminal.has_colour = true;
    EXPECT_EQ(styled(terminal, Style::kRed, "x"), "\033[31mx\033[0m");
}

TEST_F(PrinterTest, ATextAmongRecordsIsALineOfItsOwn) {
    Printer(terminal_, OutputFormat::kTable)
        .list(
            {{"NAME", "name"}, {"EVENTS", "events", true}},
            {Json{{"name", "a"}, {"events", 1}},
             Json("3 events are gone"),
             Json{{"name", "b"}, {"events", 2}}}
        );
    EXPECT_EQ(out_.str(), "NAME  EVENTS\na          1\n3 events are gone\nb          2\n");
}

}  // namespace
}  // namespace annals::cli
