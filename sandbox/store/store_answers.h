// store_answers.h: what the kinds of stores answer alike.
#pragma once

#include <httplib.h>

#include <string>

#include "sandbox/store/object_store.h"

namespace imednet::sandbox::store {

std::string escaped(const std::string& text);  // for XML
// <?xml …?> and that text.
void answer_xml(httplib::Response& response, const std::string& xml);
std::string time_text(std::int64_t us, const char* format);
inline constexpr const char* kHttpTime = "%a, %d %b %Y %H:%M:%S GMT";
inline constexpr const char* kIsoTime = "%Y-%m-%dT%H:%M:%SZ";

// Headers whose names begin with that prefix, which is left out, names in lower case.
Metadata metadata_of(const httplib::Request& request, std::string_view prefix);

// "bytes=<first>-[<last>]" or "bytes=-<count>" of that many bytes, as far as there are so many; all of them without one, nothing when it
// lies outside.
struct Span {
  std::int64_t first = 0, count = 0;
};
std::optional<Span> span_of(const std::string& range, std::int64_t size);

// That part of the object's bytes; false when they are gone.
bool send_bytes(httplib::Response& response, const ObjectStore& store, const Object& object, const Span& span);
// Says that it is a part, where a range was asked for.
void tell_range(httplib::Response& response, const std::string& range, const Span& span, std::int64_t size);

// The whole body, or nothing; is_too_large says why it is nothing.
std::unique_ptr<Upload> receive_plain(ObjectStore& store, const httplib::ContentReader& reader, std::int64_t largest, bool& is_too_large);
// A small one as text; nothing when it is longer than that or ends early.
std::optional<std::string> receive_text(const httplib::ContentReader& reader, std::size_t largest);

}  // namespace imednet::sandbox::store
