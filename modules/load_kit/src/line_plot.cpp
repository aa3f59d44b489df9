// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "line_plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <limits>

#include "annals/codec/xml_text.hpp"

namespace annals::load_kit {
namespace {

constexpr double kWidth = 860;
constexpr double kHeight = 320;
constexpr double kLeft = 74;
constexpr double kRight = 16;
constexpr double kTop = 34;
constexpr double kBottom = 46;
constexpr std::array<const char*, 8> kColours{
    "#2b6cb0", "#c05621", "#2f855a", "#6b46c1", "#b83280", "#975a16", "#285e61", "#4a5568"
};

std::string short_number(double value) {
    std::array<char, 32> text{};
    const double size = std::fabs(value);
    if (size >= 1e6) {
        std::snprintf(text.data(), text.size(), "%.3gM", value / 1e6);
    } else if (size >= 1e3) {
        std::snprintf(text.data(), text.size(), "%.3gk", value / 1e3);
    } else {
        std::snprintf(text.data(), text.size(), "%.3g", value);
    }
    return text.data();
}

struct Range {
    double low = std::numeric_limits<double>::max();
    double high = std::numeric_limits<double>::lowest();

    void take(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    void widen() {
        if (low > high) low = high = 0;
        if (high - low < 1e-9) high = low + 1;
    }
};

/// 1, 2 or 5 times a power of ten, so that there are about six steps.
double step_of(double span) {
    const double raw = span / 6;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    for (const double times : {1.0, 2.0, 5.0}) {
        if (raw <= times * power) return times * power;
    }
    return 10 * power;
}

class Drawing {
  public:
    explicit Drawing(const Plot& plot) : plot_(plot) {
        for (const PlotLine& line : plot.lines) {
            for (const auto& [x, y] : line.points) {
                x_.take(x);
                y_.take(scaled(y));
            }
        }
        for (const PlotTick& tick : plot.x_ticks) x_.take(tick.at);
        if (plot.y_scale == PlotScale::kLinear) {
            y_.take(0);
        } else if (y_.low <= y_.high) {
            y_.low = std::floor(y_.low);
            y_.high = std::ceil(y_.high);
        }
        x_.widen();
        y_.widen();
    }

    std::string svg() {
        open();
        x_axis();
        y_axis();
        lines();
        return svg_ + "</svg>\n";
    }

  private:
    [[nodiscard]] double scaled(double y) const {
        return plot_.y_scale == PlotScale::kLog ? std::log10(std::max(y, 1.0)) : y;
    }
    [[nodiscard]] double left_of(double x) const {
        return kLeft + (x - x_.low) / (x_.high - x_.low) * (kWidth - kLeft - kRight);
    }
    [[nodiscard]] double top_of(double scaled_y) const {
        const double share = (scaled_y - y_.low) / (y_.high - y_.low);
        return kHeight - kBottom - share * (kHeight - kTop - kBottom);
    }

    [[gnu::format(printf, 2, 3)]] void put(const char* format, ...) {
        std::array<char, 512> text{};
        std::va_list arguments;
        va_start(arguments, format);
        std::vsnprintf(text.data(), text.size(), format, arguments);
        va_end(arguments);
        svg_ += text.data();
    }

    void open() {
        put("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
            "font-family=\"sans-serif\" font-size=\"12\">\n",
            kWidth,
            kHeight);
        svg_ += "<title>" + codec::xml_text(plot_.title) + "</title>\n";
        put("<text x=\"%.0f\" y=\"18\" font-weight=\"bold\" font-size=\"14\">", kLeft);
        svg_ += codec::xml_text(plot_.title) + "</text>\n";
    }

    void x_tick(double at, const std::string& text) {
        const double left = left_of(at);
        put("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#e2e8f0\"/>\n",
            left,
            kTop,
            left,
            kHeight - kBottom);
        put("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"#4a5568\">",
            left,
            kHeight - kBottom + 16);
        svg_ += codec::xml_text(text) + "</text>\n";
    }

    void x_axis() {
        for (const PlotTick& tick : plot_.x_ticks) x_tick(tick.at, tick.text);
        if (plot_.x_ticks.empty()) {
            const double step = step_of(x_.high - x_.low);
            for (double at = std::ceil(x_.low / step) * step; at <= x_.high; at += step) {
                x_tick(at, short_number(at));
            }
        }
        put("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\" fill=\"#1a202c\">",
            kWidth - kRight,
            kHeight - 8);
        svg_ += codec::xml_text(plot_.x_label) + "</text>\n";
    }

    void y_tick(double scaled_y, double value) {
        const double top = top_of(scaled_y);
        put("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#e2e8f0\"/>\n",
            kLeft,
            top,
            kWidth - kRight,
            top);
        put("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\" fill=\"#4a5568\">", kLeft - 6, top + 4
        );
        svg_ += short_number(value) + "</text>\n";
    }

    void y_axis() {
        if (plot_.y_scale == PlotScale::kLog) {
            for (double power = y_.low; power <= y_.high + 1e-9; power += 1) {
                y_tick(power, std::pow(10, power));
            }
        } else {
            const double step = step_of(y_.high - y_.low);
            for (double at = y_.low; at <= y_.high + step * 1e-6; at += step) y_tick(at, at);
        }
        put("<text x=\"14\" y=\"%.1f\" transform=\"rotate(-90 14 %.1f)\" text-anchor=\"middle\" "
            "fill=\"#1a202c\">",
            kHeight / 2,
            kHeight / 2);
        svg_ += codec::xml_text(plot_.y_label) + "</text>\n";
    }

    void lines() {
        double legend = kLeft;
        for (std::size_t at = 0; at < plot_.lines.size(); ++at) {
            const PlotLine& line = plot_.lines[at];
            if (line.points.empty()) continue;
            const char* const colour = kColours.at(at % kColours.size());
            put("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" points=\"", colour);
            for (const auto& [x, y] : line.points) {
                put("%.1f,%.1f ", left_of(x), top_of(scaled(y)));
            }
            svg_ += "\"/>\n";
            put("<rect x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"10\" fill=\"%s\"/>\n",
                legend,
                kHeight - 17,
                colour);
            put("<text x=\"%.1f\" y=\"%.1f\">", legend + 14, kHeight - 8);
            svg_ += codec::xml_text(line.name) + "</text>\n";
            legend += 30 + 6.6 * static_cast<double>(line.name.size());
        }
    }

    const Plot& plot_;
    Range x_;
    Range y_;
    std::string svg_;
};

}  // namespace

std::string plot_svg(const Plot& plot) { return Drawing(plot).svg(); }

}  // namespace annals::load_kit
