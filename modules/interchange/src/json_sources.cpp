// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>
#include <string>
#include <utility>

#include "annals/interchange/json_formats.hpp"
#include "annals/json_events/archived_event.hpp"

#include "array_splitter.hpp"
#include "line_splitter.hpp"

namespace annals::interchange {
namespace {

/// Every line or element is one JSON object; the splitter cuts, the parser reads.
template <typename Splitter>
class JsonSource : public RecordSource {
  public:
    explicit JsonSource(std::istream& input) : splitter_(input, kJsonBytesMax) {}

    Result<bool> next(Record& record) override {
        TextPart part;
        Result<bool> has_part = splitter_.next(part);
        if (has_part && !*has_part) return false;
        record = {};
        record.line = part.line;
        record.raw = in_one_line(part.text);
        record.number = ++number_;
        if (!has_part) return has_part;
        ANNALS_CHECK(parse(part.text));
        record.event = parsed_.event;
        record.has_stamp = parsed_.has_stamp;
        record.append = parsed_.append;
        record.removal = parsed_.removal;
        return true;
    }

    [[nodiscard]] std::uint64_t consumed() const override { return splitter_.consumed(); }

  protected:
    virtual Status parse(std::string_view text) = 0;
    json_events::ArchivedEventParser& parser() { return parser_; }
    json_events::ArchivedEvent& parsed() { return parsed_; }

  private:
    /// A file of rejects has one record a line: between the tokens of JSON a blank is as good.
    std::string_view in_one_line(std::string_view text) {
        if (text.find('\n') == std::string_view::npos) return text;
        one_line_ = text;
        std::replace(one_line_.begin(), one_line_.end(), '\n', ' ');
        return one_line_;
    }

    Splitter splitter_;
    std::string one_line_;
    json_events::ArchivedEventParser parser_;
    json_events::ArchivedEvent parsed_;
    std::uint64_t number_ = 0;
};

class NdjsonSource final : public JsonSource<LineSplitter> {
  public:
    using JsonSource::JsonSource;

  private:
    Status parse(std::string_view text) override {
        Status read = parser().parse(text, parsed());
        const bool may_be_cloud = !read && text.find("\"specversion\"") != std::string_view::npos;
        return may_be_cloud ? parser().parse_cloud(text, parsed()) : read;
    }
};

template <typename Splitter>
class CloudSource final : public JsonSource<Splitter> {
  public:
    using JsonSource<Splitter>::JsonSource;

  private:
    Status parse(std::string_view text) override {
        return this->parser().parse_cloud(text, this->parsed());
    }
};

}  // namespace

std::unique_ptr<RecordSource> make_ndjson_source(std::istream& input) {
    return std::make_unique<NdjsonSource>(input);
}

std::unique_ptr<RecordSource> make_cloud_events_source(std::istream& input) {
    // Blanks and a byte order mark may stand before it; one sign is looked at without taking it.
    while (input && std::string_view(" \t\r\n\xEF\xBB\xBF").find(static_cast<char>(input.peek())) !=
                        std::string_view::npos) {
        if (input.peek() == std::istream::traits_type::eof()) break;
        input.get();
    }
    if (input.peek() == '[') return std::make_unique<CloudSource<ArraySplitter>>(input);
    input.clear(input.rdstate() & ~std::ios::failbit);
    return std::make_unique<CloudSource<LineSplitter>>(input);
}

}  // namespace annals::interchange
