// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace annals::load_kit {

struct PlotLine {
    std::string name;
    std::vector<std::pair<double, double>> points;  ///< x rises
};

enum class PlotScale : unsigned char { kLinear, kLog };

/// What an axis says at a place.
struct PlotTick {
    double at = 0;
    std::string text;
};

struct Plot {
    std::string title;
    std::string x_label;
    std::string y_label;
    PlotScale y_scale = PlotScale::kLinear;
    std::vector<PlotTick> x_ticks = {};  ///< empty: made from the values
    std::vector<PlotLine> lines = {};
};

/// An SVG element of 860 by 320, with a legend. Lines without points are left out; colours go by
/// the line's place, so that one actor has one colour in all plots of a page.
std::string plot_svg(const Plot& plot);

}  // namespace annals::load_kit
