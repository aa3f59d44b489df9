// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "annals/base/error.hpp"

namespace annals::http_door::detail {

class Feed;
class Upgrade;

struct Header {
    std::string name;
    std::string value;
};

/// What is called with each header field. A reference: it holds no longer than what it was made of.
class VisitField {
  public:
    template <typename Visit>
        requires(!std::is_same_v<std::remove_cvref_t<Visit>, VisitField>)
    // NOLINTNEXTLINE(google-explicit-constructor): a lambda is given as it is
    VisitField(Visit&& visit)
        : visit_(&visit), call_([](void* of, std::string_view name, std::string_view value) {
              (*static_cast<std::remove_reference_t<Visit>*>(of))(name, value);
          }) {}

    void operator()(std::string_view name, std::string_view value) const {
        call_(visit_, name, value);
    }

  private:
    void* visit_;
    void (*call_)(void* visit, std::string_view name, std::string_view value);
};

/// The header fields of a request, wherever they are kept. Names in any case.
class HeaderFields {
  public:
    HeaderFields() = default;
    HeaderFields(const HeaderFields&) = delete;
    HeaderFields& operator=(const HeaderFields&) = delete;
    virtual ~HeaderFields() = default;

    /// Value of the first field of this name, or empty.
    [[nodiscard]] virtual std::string_view find(std::string_view name) const = 0;
    virtual void for_each(VisitField visit) const = 0;
};

/// A request as routes see it: no Beast, so that a route is a function of plain values. Lives until
/// its answer.
struct Request {
    std::string method;                    ///< "GET"; HEAD arrives at routes as GET
    std::string path;                      ///< percent-decoded, begins with a slash
    std::string sent_path;                 ///< the same as it came
    std::vector<std::string> segments;     ///< parts of the path between slashes, each decoded
    std::vector<std::string> parameters;   ///< what stands for the route's {…}, in order
    std::string query;                     ///< as sent, without the question mark
    const HeaderFields* fields = nullptr;  ///< null: none
    std::string body;
    /// What the answer is to be, of what the route offers (media_types.hpp); empty: it offers none.
    std::string_view media_type;

    [[nodiscard]] std::string_view header(std::string_view name) const {
        return fields == nullptr ? std::string_view() : fields->find(name);
    }
};

struct Response {
    int status = 200;
    std::string content_type;
    std::string body;
    std::vector<Header> headers;
    /// Content that comes piece by piece, instead of `body`.
    std::shared_ptr<Feed> feed;
    /// Takes the connection over: the answer is 101 and its own business.
    std::shared_ptr<Upgrade> upgrade;
};

struct Target {
    std::string path;
    std::string sent_path;  ///< as it came, with %20 and the like
    std::vector<std::string> segments;
    std::string query;
};

/// The target of a request line (RFC 9112 3.2): origin form, or absolute form, whose host is
/// dropped. A slash that is encoded belongs to its segment. Nothing when it is neither form, when a
/// percent sign is followed by no two hex digits, or when the path would hold a NUL.
std::optional<Target> parse_target(std::string_view target);

/// Nothing when a percent sign is followed by no two hex digits, or stands for a NUL.
std::optional<std::string> percent_decoded(std::string_view text);

/// "Not Found"
std::string_view status_phrase(int status);

/// The request's trace: of its `traceparent`, or a new one.
std::string trace_id_of(const Request& request);

/// RFC 9457 of what HTTP alone explains: type about:blank, the title is the status' phrase. The
/// request gives `instance` and `trace_id`; an empty one stands for bytes that were none.
Response problem(int status, std::string_view detail, const Request& request);
/// RFC 9457 of an error of the catalogue: code, fields (by the names that the request has for them,
/// see sent_names.hpp), advice, and all failed checks of a conflict. `status` 0: the one of the
/// catalogue.
Response problem(const Error& error, const Request& request, int status = 0);
/// The same where the error names things of the content as they stand there already.
Response problem_of_content(const Error& error, const Request& request, int status = 0);
/// The content alone, without a line break and `instance`: for what is told within an answer, a
/// feed or a websocket.
std::string problem_json(const Error& error, std::string_view trace_id);
/// 426 (RFC 9110 15.5.22) with the field that says to what: a websocket.
Response upgrade_required(std::string_view detail, const Request& request);
/// 500 for what a route threw; the log has `what` beside the same trace id.
Response thrown(const Request& request, std::string_view what);

Response json_response(int status, std::string body);
Response text_response(int status, std::string body);

}  // namespace annals::http_door::detail
