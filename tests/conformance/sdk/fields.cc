// fields.cc: what the library reads of a study, every typed field of every element, as JSON lines.
//
//   imednet-sdk-fields list STUDY         all resources, the studies among them
//   imednet-sdk-fields get STUDY          the elements that standard input names, "<resource> <id>" a line
//   imednet-sdk-fields job STUDY BATCH
//
// Shape:  {"resource", "fields", "presence", "extra": [[name, JSON text], …]}, or {"resource", "error", "message"}.
// Uses:   the public headers only, as any program would; the keys come from the environment.
#include <charconv>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include "conformance/sdk/model_fields.h"
#include "imednet/errors.h"
#include "imednet/sdk.h"

namespace imednet::conformance {
namespace {

const char* name_of(Presence presence) {
  switch (presence) {
    case Presence::absent:
      return "absent";
    case Presence::null:
      return "null";
    case Presence::empty:
      return "empty";
    case Presence::value:
      break;
  }
  return "value";
}

template <class Element>
void print(const std::string& resource, const Element& element) {
  Json line = {{"resource", resource}, {"fields", fields(element)}, {"presence", Json::object()}, {"extra", Json::array()}};
  for (const std::string_view name : field_names<Element>()) line["presence"][std::string(name)] = name_of(presence(element.raw, name));
  for (const auto& [name, text] : extra_fields(element)) line["extra"].push_back({name, text});
  std::cout << line.dump() << '\n';
}

void print(const std::string& resource, const ImednetError& error) {
  std::cout << Json{{"resource", resource}, {"error", errors::code_name(error.code())}, {"message", error.what()}}.dump() << '\n';
}

// Lists a resource, or prints why it can't be.
template <class Range>
void list(const std::string& resource, Range range) {
  try {
    for (const auto& element : range) print(resource, element);
  } catch (const ImednetError& error) {
    print(resource, error);
  }
}

void list_all(const ImednetSDK& sdk, const std::string& study) {
  list("studies", sdk.studies().list());
  list("sites", sdk.sites().list(study));
  list("forms", sdk.forms().list(study));
  list("intervals", sdk.intervals().list(study));
  list("variables", sdk.variables().list(study));
  list("subjects", sdk.subjects().list(study));
  list("visits", sdk.visits().list(study));
  list("records", sdk.records().list(study));
  list("record_revisions", sdk.record_revisions().list(study));
  list("queries", sdk.queries().list(study));
  list("codings", sdk.codings().list(study));
  list("users", sdk.users().list(study, {.include_inactive = true}));
}

std::int64_t number(const std::string& text) {
  std::int64_t id = 0;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

void get(const ImednetSDK& sdk, const std::string& study, const std::string& resource, const std::string& id) {
  const std::map<std::string, std::function<void()>> getters = {
      {"studies", [&] { print(resource, sdk.studies().get(id)); }},
      {"sites", [&] { print(resource, sdk.sites().get(study, number(id))); }},
      {"forms", [&] { print(resource, sdk.forms().get(study, number(id))); }},
      {"intervals", [&] { print(resource, sdk.intervals().get(study, number(id))); }},
      {"variables", [&] { print(resource, sdk.variables().get(study, number(id))); }},
      {"subjects", [&] { print(resource, sdk.subjects().get(study, number(id))); }},
      {"visits", [&] { print(resource, sdk.visits().get(study, number(id))); }},
      {"records", [&] { print(resource, sdk.records().get(study, number(id))); }},
      {"record_revisions", [&] { print(resource, sdk.record_revisions().get(study, number(id))); }},
      {"queries", [&] { print(resource, sdk.queries().get(study, number(id))); }},
      {"codings", [&] { print(resource, sdk.codings().get(study, id)); }},
      {"users", [&] { print(resource, sdk.users().get(study, id)); }},
  };
  try {
    getters.at(resource)();
  } catch (const ImednetError& error) {
    print(resource, error);
  }
}

int run(const std::string& what, const std::string& study, const std::string& batch) {
  const ImednetSDK sdk;
  if (what == "list") {
    list_all(sdk, study);
  } else if (what == "get") {
    for (std::string resource, id; std::cin >> resource && std::getline(std::cin >> std::ws, id);) get(sdk, study, resource, id);
  } else {
    print("jobs", sdk.jobs().get(study, batch));
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace imednet::conformance

int main(int argc, char** argv) {
  try {
    if (argc >= 3) return imednet::conformance::run(argv[1], argv[2], argc > 3 ? argv[3] : "");
    std::cerr << "usage: imednet-sdk-fields list|get|job STUDY [BATCH]\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  return EXIT_FAILURE;
}
