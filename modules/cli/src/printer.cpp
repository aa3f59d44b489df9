// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "printer.hpp"

#include <algorithm>

#include "json_text.hpp"
#include "yaml.hpp"

namespace annals::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 12;

std::string member_text(const Json& record, const std::string& key) {
    if (!record.is_object()) return {};
    const auto found = record.find(key);
    return found == record.end() ? std::string() : cell_text(*found);
}

}  // namespace

std::string one_line(const Json& value) { return json_text(value); }

std::string cell_text(const Json& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return printable(value.get_ref<const std::string&>());
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    return printable(one_line(value));
}

void Printer::list(const std::vector<Column>& columns, const std::vector<Json>& records) {
    switch (format_) {
        case OutputFormat::kTable:
            write_rows(columns, records);
            break;
        case OutputFormat::kJson:
            terminal_.out << json_text(Json(records), 2) << '\n';
            break;
        case OutputFormat::kJsonLines:
            for (const Json& record : records) terminal_.out << one_line(record) << '\n';
            break;
        case OutputFormat::kYaml:
            terminal_.out << to_yaml(Json(records));
            break;
    }
}

void Printer::object(const Json& record) {
    switch (format_) {
        case OutputFormat::kTable: {
            std::size_t width = 0;
            for (const auto& [key, value] : record.items()) width = std::max(width, key.size());
            for (const auto& [key, value] : record.items()) {
                if (value.is_null()) continue;
                std::string name = key;
                std::ranges::replace(name, '_', ' ');
                const std::string gap(width - key.size() + kGap, ' ');
                terminal_.out << styled(terminal_, Style::kDim, name) << gap << cell_text(value)
                              << '\n';
            }
            break;
        }
        case OutputFormat::kJson:
            terminal_.out << json_text(record, 2) << '\n';
            break;
        case OutputFormat::kJsonLines:
            terminal_.out << one_line(record) << '\n';
            break;
        case OutputFormat::kYaml:
            terminal_.out << to_yaml(record);
            break;
    }
}

void Printer::write_rows(const std::vector<Column>& columns, const std::vector<Json>& records) {
    std::vector<std::vector<std::string>> rows;
    rows.reserve(records.size());
    widths_.assign(columns.size(), 0);
    for (std::size_t at = 0; at < columns.size(); ++at) {
        widths_[at] = display_width(columns[at].heading);
    }
    for (const Json& record : records) {
        std::vector<std::string>& row = rows.emplace_back();
        for (std::size_t at = 0; at < columns.size(); ++at) {
            row.push_back(member_text(record, columns[at].key));
            widths_[at] = std::max(widths_[at], display_width(row.back()));
        }
    }
    fit(columns);
    std::vector<std::string> headings;
    headings.reserve(columns.size());
    for (const Column& column : columns) headings.push_back(column.heading);
    if (!has_heading_) write_row(columns, headings);
    has_heading_ = true;
    for (std::size_t at = 0; at < rows.size(); ++at) {
        if (records[at].is_string()) {
            note(records[at].get_ref<const std::string&>());
        } else {
            write_row(columns, rows[at]);
        }
    }
}

void Printer::note(std::string_view text) {
    if (!is_table()) return;
    terminal_.out << styled(terminal_, Style::kDim, text) << '\n';
    terminal_.out.flush();
}

/// On a terminal, columns of last resort give way so that a row stays on one line.
void Printer::fit(const std::vector<Column>& columns) {
    if (!terminal_.is_out_tty) return;
    std::size_t total = 0;
    for (const std::size_t width : widths_) total += width + kGap;
    for (std::size_t at = columns.size(); at-- > 0 && total > terminal_.columns;) {
        if (!columns[at].is_last_resort || widths_[at] <= kNarrowest) continue;
        const std::size_t give = std::min(total - terminal_.columns, widths_[at] - kNarrowest);
        widths_[at] -= give;
        total -= give;
    }
}

void Printer::write_row(const std::vector<Column>& columns, const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t at = 0; at < columns.size(); ++at) {
        const std::string text = columns[at].is_last_resort && terminal_.is_out_tty
                                     ? shortened(cells[at], widths_[at])
                                     : cells[at];
        const std::size_t width = display_width(text);
        const std::string fill(widths_[at] > width ? widths_[at] - width : 0, ' ');
        if (at > 0) line.append(kGap, ' ');
        line += columns[at].is_number ? fill + text : text + fill;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    terminal_.out << line << '\n';
}

void Printer::stream_row(std::vector<Column>& columns, const Json& record) {
    if (!is_table()) {
        terminal_.out
            << (format_ == OutputFormat::kYaml ? "---\n" + to_yaml(record) : one_line(record) + "\n"
               );
        terminal_.out.flush();
        return;
    }
    widths_.resize(columns.size(), 0);
    std::vector<std::string> cells;
    for (std::size_t at = 0; at < columns.size(); ++at) {
        cells.push_back(member_text(record, columns[at].key));
        if (at + 1 == columns.size()) continue;
        widths_[at] = std::max(widths_[at], display_width(cells[at]));
    }
    widths_.back() = display_width(cells.back());
    fit(columns);
    write_row(columns, cells);
    terminal_.out.flush();
}

}  // namespace annals::cli
