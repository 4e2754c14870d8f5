// how_to.cc: one function for each task of docs/how-to.md, which shows the same lines; `example_how_to TASK` runs one of them.
//
// Keys and address come from the environment: IMEDNET_API_KEY, IMEDNET_SECURITY_KEY, IMEDNET_BASE_URL.
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "imednet/filters.h"
#include "imednet/sdk.h"

namespace {

using imednet::filters::answer;
using imednet::filters::attribute;

void first(const imednet::ImednetSDK& sdk) {
  int seen = 0;
  for (const imednet::Record& record : sdk.records().list("MY_STUDY", {.page_size = 10})) {
    std::cout << record.record_id << ' ' << record.form_key.value_or("") << ' ' << record.value("it.sex").value_or("") << '\n';
    if (++seen == 3) break;  // no further page is fetched
  }
}

void all(const imednet::ImednetSDK& sdk) {
  const std::vector<imednet::Site> sites = sdk.sites().collect("MY_STUDY", {.sort = {"siteName,desc"}});
  std::cout << sites.size() << " sites, the last by name " << sites.front().site_name.value_or("") << '\n';
}

void one(const imednet::ImednetSDK& sdk) {
  const imednet::Form form = sdk.forms().get("MY_STUDY", 101);
  std::cout << form.form_key.value_or("") << ": " << form.form_name.value_or("") << '\n';
  try {
    sdk.forms().get("MY_STUDY", 999);
  } catch (const imednet::errors::NotFoundError& error) {
    std::cout << error.what() << '\n';
  }
}

void filtered(const imednet::ImednetSDK& sdk) {
  using namespace std::chrono;
  const auto since = sys_days(2014y / 1 / 1);
  const auto severe = sdk.records().collect("MY_STUDY", {.filter = attribute("formKey") == "AE" && attribute("dateModified") >= since,
                                                         .record_data_filter = answer("it.aesev") == "Severe Adverse Event"});
  std::cout << severe.size() << " severe adverse events changed since then\n";
}

void refused() {
  try {
    const std::string twice = attribute("siteId") >= 701 && attribute("siteId") < 703;
  } catch (const imednet::errors::FilterError& error) {
    std::cout << error.what() << '\n';
  }
}

void site(const imednet::ImednetSDK& sdk) {
  std::map<std::string, int> by_status;
  for (const imednet::Subject& subject : sdk.subjects().list_by_site("MY_STUDY", 701)) ++by_status[subject.subject_status.value_or("")];
  for (const auto& [status, count] : by_status) std::cout << status << ": " << count << '\n';
}

void fields(const imednet::ImednetSDK& sdk) {
  for (const imednet::Record& record : sdk.records().list("MY_STUDY", {.filter = attribute("recordId") == 500001})) {
    const bool is_null = imednet::presence(record.raw, "parentRecordId") == imednet::Presence::null;
    std::cout << "parentRecordId is " << (is_null ? "null" : "something else") << '\n';
    for (const auto& [name, json] : imednet::extra_fields(record)) std::cout << "not in the model: " << name << " = " << json << '\n';
  }
}

void times(const imednet::ImednetSDK& sdk) {
  using namespace std::chrono;
  const imednet::Record record = sdk.records().get("MY_STUDY", 500001);
  if (const auto modified = imednet::utc_of(record.date_modified))
    std::cout << "changed in " << static_cast<int>(year_month_day(floor<days>(*modified)).year()) << '\n';
}

void open_queries(const imednet::ImednetSDK& sdk) {
  std::map<std::string, int> by_variable;
  for (const imednet::Query& query : sdk.queries().list("MY_STUDY"))
    if (query.is_open().value_or(false)) ++by_variable[query.variable.value_or("the subject")];
  for (const auto& [variable, count] : by_variable) std::cout << variable << ": " << count << '\n';
}

void errors(const imednet::ImednetSDK& sdk) {
  try {
    sdk.sites().collect("MY_STUDY", {.filter = "formKey==AE"});  // a site has no formKey
  } catch (const imednet::errors::BadRequestError& error) {
    std::cout << error.origin().vendor_code << ' ' << error.origin().attribute << '\n';
  }
}

void threads(const imednet::ImednetSDK& sdk) {
  std::vector<std::size_t> counts(3);
  std::vector<std::jthread> readers;
  readers.emplace_back([&] { counts[0] = sdk.sites().collect("MY_STUDY").size(); });
  readers.emplace_back([&] { counts[1] = sdk.forms().collect("MY_STUDY").size(); });
  readers.emplace_back([&] { counts[2] = sdk.variables().collect("MY_STUDY").size(); });
  readers.clear();  // joins them
  std::cout << counts[0] << " sites, " << counts[1] << " forms, " << counts[2] << " variables\n";
}

void limits(const imednet::ImednetSDK& sdk) {
  std::stop_source stop;  // request_stop() from any thread, or from a signal's handler thread
  try {
    for (const imednet::Record& record :
         sdk.records().list("MY_STUDY", {.call = {.stop = stop.get_token(), .deadline = std::chrono::minutes(10)}}))
      if (record.record_id >= 501000) stop.request_stop();
  } catch (const imednet::errors::ApiError& error) {
    std::cout << imednet::errors::code_name(error.code()) << '\n';
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    const imednet::ImednetSDK sdk;
    const std::map<std::string, std::function<void()>> tasks = {
        {"first", [&] { first(sdk); }},     {"all", [&] { all(sdk); }},
        {"one", [&] { one(sdk); }},         {"filtered", [&] { filtered(sdk); }},
        {"refused", [] { refused(); }},     {"site", [&] { site(sdk); }},
        {"fields", [&] { fields(sdk); }},   {"times", [&] { times(sdk); }},
        {"errors", [&] { errors(sdk); }},   {"open-queries", [&] { open_queries(sdk); }},
        {"threads", [&] { threads(sdk); }}, {"limits", [&] { limits(sdk); }},
    };
    const auto task = tasks.find(count > 1 ? words[1] : "");
    if (task == tasks.end()) {
      std::cerr << "which task? ";
      for (const auto& [name, run] : tasks) std::cerr << name << ' ';
      std::cerr << '\n';
      return 2;
    }
    task->second();
    return 0;
  } catch (const imednet::ImednetError& error) {
    std::cerr << error.what() << "\nhint: " << error.hint() << "\n";
    return 1;
  }
}
