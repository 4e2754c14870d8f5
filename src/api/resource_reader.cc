#include "api/resource_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>

#include "api/call.h"
#include "api/model_decode.h"
#include "api/record_cursor.h"
#include "api/record_model.h"

namespace imednet::api {
namespace {

using errors::ErrorCode;
namespace json = simdjson::ondemand;

constexpr std::int64_t kMaxPages = 100'000;

template <class Model>
class ResourceReader final : public ElementSource<Model> {
 public:
  ResourceReader(std::shared_ptr<Client> client, ResourcePath path, ListOptions options)
      : client_(std::move(client)), path_(std::move(path)), options_(std::move(options)) {}

  bool next(Model& element) override {
    while (position_ == elements_.size()) {
      if (is_done_) return false;
      read_page();
    }
    element = std::move(elements_[position_++]);
    return true;
  }

 private:
  void read_page() {
    if (!call_) call_.emplace(*client_, options_.call);
    Page page = client_->get_page(path_.path, query(), call_->limits());
    elements_.clear();
    position_ = 0;
    decode_page(page);
    if (number_ > 0 && !elements_.empty() && elements_.front().raw == first_of_page_)
      throw errors::ApiError(
          fmt::format("cannot read the {}: a page came again", path_.name),
          {.code = ErrorCode::protocol, .hint = "report it to iMednet support", .origin = {.system = "imednet", .http_status = 200}});
    if (!elements_.empty()) first_of_page_ = elements_.front().raw;
    read_ += static_cast<std::int64_t>(elements_.size());
    if (++number_ > kMaxPages) throw_differ("the list does not end");
    if (page.total_elements < 0) throw_differ("the page does not say how many there are");
    is_done_ = elements_.empty() || read_ >= page.total_elements;
    if (is_done_ && read_ != page.total_elements) throw_differ(fmt::format("{} arrived and the API says {}", read_, page.total_elements));
  }

  Parameters query() const {
    Parameters query = {{"page", std::to_string(number_)}, {"size", std::to_string(options_.page_size)}};
    for (const std::string& key : options_.sort) query.emplace_back("sort", key);
    // So that elements that are equal before it keep their places.
    const bool has_id = std::ranges::any_of(options_.sort, [&](const std::string& key) { return key.starts_with(path_.id + ","); });
    if (!has_id) query.emplace_back("sort", path_.id + ",asc");
    if (!options_.filter.empty()) query.emplace_back("filter", options_.filter);
    if (!options_.record_data_filter.empty()) query.emplace_back("recordDataFilter", options_.record_data_filter);
    if (options_.include_inactive) query.emplace_back("includeInactive", "true");
    return query;
  }

  void decode_page(const Page& page) {
    try {
      json::document document = parser_.iterate(page.body.data() + page.data_begin, page.data_size, page.body.capacity() - page.data_begin);
      json::array data = document.get_array();
      for (auto item : data) {
        json::object object = item.get_object();
        decode(object, elements_.emplace_back());
      }
    } catch (const errors::ApiError& error) {
      throw errors::ApiError(
          fmt::format("{} (element {} of the {})", error.what(), read_ + static_cast<std::int64_t>(elements_.size()), path_.name),
          error.detail());
    } catch (const simdjson::simdjson_error&) {
      throw errors::ApiError(
          fmt::format("cannot read the {}: an element is not proper JSON", path_.name),
          {.code = ErrorCode::decode, .hint = "report it to iMednet support", .origin = {.system = "imednet", .http_status = 200}});
    }
  }

  [[noreturn]] void throw_differ(const std::string& cause) const {
    throw errors::ApiError(fmt::format("cannot read the {} completely: {}", path_.name, cause),
                           {.code = ErrorCode::counts_differ,
                            .hint = "run again",
                            .retry = errors::RetryClass::backoff,
                            .origin = {.system = "imednet", .http_status = 200}});
  }

  std::shared_ptr<Client> client_;
  ResourcePath path_;
  ListOptions options_;
  std::optional<Call> call_;  // from the first request on
  json::parser parser_;
  std::vector<Model> elements_;
  std::string first_of_page_;
  std::size_t position_ = 0;
  std::int64_t number_ = 0, read_ = 0;
  bool is_done_ = false;
};

// One decoder for all records (ADR 0013).
template <>
void ResourceReader<Record>::decode_page(const Page& page) {
  RecordCursor cursor;
  cursor.open(page);
  while (const RecordView* record = cursor.next()) elements_.push_back(to_record(*record));
}

}  // namespace

template <class Model>
std::unique_ptr<ElementSource<Model>> read_resource(std::shared_ptr<Client> client, ResourcePath path, ListOptions options) {
  return std::make_unique<ResourceReader<Model>>(std::move(client), std::move(path), std::move(options));
}

template std::unique_ptr<ElementSource<Study>> read_resource(std::shared_ptr<Client>, ResourcePath, ListOptions);
template std::unique_ptr<ElementSource<Site>> read_resource(std::shared_ptr<Client>, ResourcePath, ListOptions);
template std::unique_ptr<ElementSource<Form>> read_resource(std::shared_ptr<Client>, ResourcePath, ListOptions);
template std::unique_ptr<ElementSource<Interval>> read_resource(std::shared_ptr<Client>, ResourcePath, ListOptions);
template std::unique_ptr<ElementSource<Variable>> read_resource(std::shared_ptr<Client>, ResourcePath, ListOptions);
template std::unique_ptr<ElementSource<Subject>> read_resource(std::shared_ptr<Client>, ResourcePath, ListOptions);
template std::unique_ptr<ElementSource<Visit>> read_resource(std::shared_ptr<Client>, ResourcePath, ListOptions);
template std::unique_ptr<ElementSource<Record>> read_resource(std::shared_ptr<Client>, ResourcePath, ListOptions);
template std::unique_ptr<ElementSource<RecordRevision>> read_resource(std::shared_ptr<Client>, ResourcePath, ListOptions);
template std::unique_ptr<ElementSource<Query>> read_resource(std::shared_ptr<Client>, ResourcePath, ListOptions);
template std::unique_ptr<ElementSource<Coding>> read_resource(std::shared_ptr<Client>, ResourcePath, ListOptions);
template std::unique_ptr<ElementSource<User>> read_resource(std::shared_ptr<Client>, ResourcePath, ListOptions);

}  // namespace imednet::api
