// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/csv_format.hpp"

#include "event_fields.hpp"
#include "text_output.hpp"

namespace annals::interchange {
namespace {

class CsvSink final : public RecordSink {
  public:
    explicit CsvSink(std::ostream& output) : output_(output) {}

    Status begin(bool is_resumed) override {
        if (is_resumed) return ok();
        for (const std::string_view name : kFieldNames) add(name, name == kFieldNames.front());
        return end_line();
    }
    Status write(const Record& record) override {
        for (std::size_t at = 0; at < kFieldNames.size(); ++at) {
            field_.clear();
            append_field(field_, record, static_cast<Field>(at));
            add(field_, at == 0);
        }
        return end_line();
    }
    Status end() override { return output_.end(); }

  private:
    Status end_line() {
        output_.text().push_back('\n');
        return output_.write();
    }

    /// RFC 4180: quotes around what has a comma, a quote or a line end, inner quotes doubled.
    void add(std::string_view text, bool is_first) {
        std::string& out = output_.text();
        if (!is_first) out.push_back(',');
        if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
            out += text;
            return;
        }
        out.push_back('"');
        for (const char sign : text) out.append(sign == '"' ? 2 : 1, sign);
        out.push_back('"');
    }

    TextOutput output_;
    std::string field_;
};

}  // namespace

std::unique_ptr<RecordSink> make_csv_sink(std::ostream& output) {
    return std::make_unique<CsvSink>(output);
}

}  // namespace annals::interchange
