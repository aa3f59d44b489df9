// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "report.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "annals/bench_kit/machine.hpp"

namespace annals::bench_kit {
namespace {

constexpr std::string_view kComment =
    "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
    "<!-- SPDX-FileCopyrightText: The annals authors -->\n";

std::string time_stamp(const char* format) {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), format, &parts);
    return text.data();
}

/// 1 is the goal, more is better.
double reach(const Figure& figure) {
    if (figure.goal <= 0) return 0;
    if (figure.better == Better::kHigher) return figure.ratio / figure.goal;
    return figure.ratio <= 0 ? 2 : figure.goal / figure.ratio;
}

std::string verdict(const Figure& figure) {
    if (!figure.is_believable()) return "**not measurable**: better than its ceiling";
    return figure.is_met() ? "yes" : "**no**";
}

std::string json_text(const std::vector<Figure>& figures) {
    std::string text = "[\n";
    for (const Figure& figure : figures) {
        text += "  " + figure.json_line() + (&figure == &figures.back() ? "\n" : ",\n");
    }
    return text + "]\n";
}

Status write_file(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    if (!file.flush()) return Error(ErrorCode::kIoError, path + " cannot be written");
    return ok();
}

}  // namespace

std::string table_text(const std::vector<Figure>& figures) {
    std::string text =
        "| figure | measured | ceiling | ratio | goal | met |\n|---|---|---|---|---|---|\n";
    for (const Figure& figure : figures) {
        text += "| `" + figure.name + "`: " + figure.what + " | " + number_text(figure.value) +
                " " + figure.unit + " | " + number_text(figure.ceiling) + " (" + figure.ceiling_is +
                ") | " + number_text(figure.ratio) + " | " + figure.goal_text() + " | " +
                verdict(figure) + " |\n";
    }
    return text;
}

std::string plot_svg(const std::vector<Figure>& figures) {
    constexpr int kRow = 26;
    constexpr int kLeft = 190;
    constexpr int kGoalAt = 300;  // pixels that mean "goal reached"
    constexpr double kReachMax = 1.6;
    const int height = kRow * static_cast<int>(figures.size()) + 60;
    std::ostringstream svg;
    svg << kComment << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"820\" height=\"" << height
        << "\" font-family=\"sans-serif\" font-size=\"13\">\n"
        << "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        << "<text x=\"" << kLeft
        << "\" y=\"22\" font-weight=\"bold\">How far each figure reaches towards its "
        << "goal</text>\n";
    int y = 40;
    for (const Figure& figure : figures) {
        const double share = std::clamp(reach(figure), 0.0, kReachMax);
        const int width = static_cast<int>(std::lround(share * kGoalAt));
        svg << "<text x=\"" << kLeft - 8 << "\" y=\"" << y + 14 << "\" text-anchor=\"end\">"
            << figure.name << "</text>\n<rect x=\"" << kLeft << "\" y=\"" << y << "\" width=\""
            << width << "\" height=\"18\" fill=\"" << (figure.is_met() ? "#2f855a" : "#c05621")
            << "\"/>\n<text x=\"" << kLeft + width + 6 << "\" y=\"" << y + 14 << "\">"
            << number_text(figure.ratio) << " (goal "
            << (figure.better == Better::kHigher ? "&#8805; " : "&#8804; ")
            << number_text(figure.goal) << ")</text>\n";
        y += kRow;
    }
    svg << "<line x1=\"" << kLeft + kGoalAt << "\" y1=\"32\" x2=\"" << kLeft + kGoalAt << "\" y2=\""
        << y << "\" stroke=\"#1a202c\" stroke-dasharray=\"4 3\"/>\n</svg>\n";
    return svg.str();
}

Result<std::string> write_report(
    const std::string& directory, const std::vector<Figure>& figures, const std::string& load
) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    const std::string name = time_stamp("%Y-%m-%d-%H%M");
    std::string base = directory + "/" + name;
    const std::string page = std::string(kComment) + "# Benchmark of " +
                             time_stamp("%Y-%m-%d %H:%M UTC") + "\n\n" + machine_text() +
                             "; client and server share them; " + load + ".\n\n" +
                             table_text(figures) + "\n![reach](" + name + ".svg)\n";
    ANNALS_CHECK(write_file(base + ".json", json_text(figures)));
    ANNALS_CHECK(write_file(base + ".md", page));
    ANNALS_CHECK(write_file(base + ".svg", plot_svg(figures)));
    return base;
}

}  // namespace annals::bench_kit
