// byte_range.h: an object's bytes as an answer, all of them or the range that was asked for.
//
// Rules: a range that ends behind the object ends with it [doc: S3 GetObject; seen: the Go driver asks for 5 MiB of any file]; one that
// begins behind it is 416; of several ranges, all of the object is answered.
#pragma once

#include <httplib.h>

#include <cstdint>
#include <filesystem>

namespace imednet::sandbox::store {

// False: there is no such file any more. The answer's other headers are the caller's.
bool answer_bytes(const httplib::Request& request, httplib::Response& response, const std::filesystem::path& file, std::int64_t size);

}  // namespace imednet::sandbox::store
