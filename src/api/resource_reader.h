// resource_reader.h: the elements of a resource page after page by offset, with an explicit sort, counted against the total.
//
// Where it stands: Client → this → lists of the SDK. Records by rising id have a reader of their own (record_reader.h).
// Errors: ApiError counts_differ when fewer or more elements arrived than the last page's total says; decode; protocol.
#pragma once

#include <memory>
#include <string>

#include "api/client.h"
#include "imednet/sdk.h"

namespace imednet::api {

struct ResourcePath {
  std::string path;  // below /api/v1/edc
  std::string id;    // the attribute that its elements are known and sorted by: "siteId"
  std::string name;  // for messages: "sites of study S"
};

// Instantiated for every model in resource_reader.cc.
template <class Model>
std::unique_ptr<ElementSource<Model>> read_resource(std::shared_ptr<Client> client, ResourcePath path, ListOptions options);

}  // namespace imednet::api
