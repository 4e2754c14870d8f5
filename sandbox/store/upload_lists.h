// upload_lists.h: the XML by which a client names the parts of an upload that is complete.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imednet::sandbox::store {

// Amazon's CompleteMultipartUpload: numbers and MD5s in hex, in the order given. Nothing when it is not of that form.
std::optional<std::vector<std::pair<int, std::string>>> parts_of_completion(std::string_view xml);

// Azure's BlockList: the ids, in order. Nothing when it is not of that form.
std::optional<std::vector<std::string>> blocks_of_list(std::string_view xml);

}  // namespace imednet::sandbox::store
