// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "row_mapper.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "annals/codec/text.hpp"
#include "annals/json_events/json_text.hpp"
#include "annals/model/names.hpp"

#include "json_number.hpp"

namespace annals::interchange {
namespace {

Error bad_row(std::string what) { return Error(ErrorCode::kInvalidArgument, std::move(what)); }

Error unfit(std::string what) { return Error(ErrorCode::kConfigInvalid, std::move(what)); }

std::string in_braces(std::string_view prefix, std::string_view column) {
    std::string text;
    for (const char sign : prefix) text.append(sign == '{' || sign == '}' ? 2 : 1, sign);
    return text + "{" + std::string(column) + "}";
}

Result<std::string> stream_template(const CsvMapping& mapping) {
    if (mapping.stream.empty() == mapping.stream_column.empty()) {
        return unfit(
            "say what the streams are called, either with --stream 'order-{order}' or with "
            "--stream-column order"
        );
    }
    if (!mapping.stream.empty()) return mapping.stream;
    return in_braces(mapping.stream_prefix, mapping.stream_column);
}

Status check_header(const std::vector<std::string>& header) {
    std::set<std::string_view> seen;
    for (const std::string& column : header) {
        if (!codec::is_utf8(column)) return unfit("a column name in the first line is not UTF-8");
        if (!seen.insert(column).second) {
            return unfit("the first line names the column '" + model::shown(column) + "' twice");
        }
    }
    return ok();
}

}  // namespace

Result<RowMapper> RowMapper::make(const CsvMapping& mapping, std::vector<std::string> header) {
    ANNALS_CHECK(check_header(header));
    ANNALS_TRY(const std::string stream, stream_template(mapping));
    ANNALS_TRY(NameTemplate names, NameTemplate::compile(stream, header));
    ANNALS_TRY(TimeParser times, TimeParser::make(mapping.time_format, mapping.time_zone));
    RowMapper mapper(std::move(times), std::move(names));
    mapper.header_ = std::move(header);
    ANNALS_CHECK(mapper.choose_columns(mapping));
    ANNALS_CHECK(mapper.choose_data(mapping));
    return mapper;
}

Status RowMapper::choose_columns(const CsvMapping& mapping) {
    if (mapping.type.empty() == mapping.type_column.empty()) {
        return unfit("say what the events are called, either with --type or with --type-column");
    }
    const auto find = [&](const std::string& name,
                          std::string_view wanted_for,
                          std::optional<std::size_t>& column) -> Status {
        if (name.empty()) return ok();
        ANNALS_TRY(const std::size_t index, find_column(name, header_, wanted_for));
        column = index;
        return ok();
    };
    type_ = mapping.type;
    ANNALS_CHECK(find(mapping.type_column, "the type", type_column_));
    ANNALS_CHECK(find(mapping.time_column, "the time", time_column_));
    ANNALS_CHECK(find(mapping.actor_column, "the actor", actor_column_));
    for (const auto& [key, column] : mapping.tag_columns) {
        ANNALS_TRY(const std::size_t index, find_column(column, header_, "the tag " + key));
        tags_.emplace_back(key + ":", index);
    }
    return ok();
}

Status RowMapper::choose_data(const CsvMapping& mapping) {
    std::set<std::size_t> taken(stream_.columns().begin(), stream_.columns().end());
    for (const auto& column : {type_column_, time_column_, actor_column_}) {
        if (column) taken.insert(*column);
    }
    for (const std::string& name : mapping.left_out_columns) {
        ANNALS_TRY(const std::size_t index, find_column(name, header_, "leaving it out"));
        taken.insert(index);
    }
    std::set<std::size_t> numbers;
    for (const std::string& name : mapping.number_columns) {
        ANNALS_TRY(const std::size_t index, find_column(name, header_, "a number"));
        numbers.insert(index);
    }
    for (std::size_t index = 0; index < header_.size(); ++index) {
        if (taken.contains(index)) continue;
        DataColumn column{index, {}, numbers.contains(index)};
        json_events::append_string(column.key, header_[index]);
        column.key += ':';
        data_columns_.push_back(std::move(column));
    }
    return ok();
}

Result<model::NewEvent> RowMapper::map(const CsvRecord& record, Arena& arena) {
    if (record.fields.size() != header_.size()) {
        return bad_row(
            std::to_string(record.fields.size()) + " columns, the first line has " +
            std::to_string(header_.size())
        );
    }
    if (!codec::is_utf8(record.raw)) return bad_row("the text is not UTF-8");

    model::NewEvent event;
    name_.clear();
    if (!stream_.fill(record.fields, name_))
        return bad_row("a column of the stream's name is empty");
    const std::string_view type = type_column_ ? record.fields[*type_column_] : type_;
    if (time_column_ && !record.fields[*time_column_].empty()) {
        const Result<model::ValidTime> time = times_.parse(record.fields[*time_column_]);
        if (!time) {
            return bad_row(
                "column " + model::shown(header_[*time_column_]) + ": " +
                std::string(time.error().message())
            );
        }
        event.valid_time = *time;
    }
    if (actor_column_) event.actor = arena.copy(record.fields[*actor_column_]);
    take_tags(record, arena, event);
    ANNALS_CHECK(take_data(record));
    event.stream = arena.copy(name_);
    event.type = arena.copy(type);
    event.data = arena.copy(text_);
    return event;
}

void RowMapper::take_tags(const CsvRecord& record, Arena& arena, model::NewEvent& event) {
    for (const auto& [key, column] : tags_) {
        if (record.fields[column].empty()) continue;
        const std::string tag = key + std::string(record.fields[column]);
        event.tags.push_back(arena.copy(tag));
    }
}

Status RowMapper::take_data(const CsvRecord& record) {
    text_.assign("{");
    for (const DataColumn& column : data_columns_) {
        const std::string_view value = record.fields[column.index];
        if (value.empty()) continue;
        if (text_.size() > 1) text_ += ',';
        text_ += column.key;
        if (!column.is_number) {
            json_events::append_string(text_, value);
        } else if (is_json_number(value)) {
            text_ += value;
        } else {
            return bad_row(
                "'" + model::shown(value) + "' in column " + model::shown(header_[column.index]) +
                " is not a number"
            );
        }
    }
    text_ += '}';
    return ok();
}

}  // namespace annals::interchange
