// object_store.h: objects by key, as an object store keeps them, in one folder.
//
// An object is there when its upload is complete, whole, and gone when it is removed; a later one of the same key takes its place. Keys are
// any bytes up to 1,024: no part of one becomes a path. What an upload left when the server was killed goes at the next start.
// Limits: all keys are in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/store/digests.h"

namespace imednet::sandbox::store {

// Bytes as they inflate, unless somebody says less.
inline constexpr std::int64_t kLargestObject = std::int64_t{5} << 30;

using Metadata = std::map<std::string, std::string>;  // names in lower case

struct Object {
  std::string key;
  std::int64_t number = 0;  // of the upload: rises, and is never given twice
  std::int64_t size = 0;    // of what is stored, so of the encrypted bytes
  std::string etag;         // MD5 in hex; of an upload in parts the MD5 of the parts' ones, and -<parts>
  std::int64_t modified_us = 0;
  Metadata metadata{};
};

// Bytes that are no object yet. They go with it unless they are committed.
class Upload {
 public:
  explicit Upload(std::filesystem::path file);
  ~Upload();
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  bool add(std::string_view bytes);  // false: the disk is full
  std::int64_t size() const { return size_; }
  const std::string& finish();  // closes it: the MD5, raw

 private:
  friend class ObjectStore;
  std::filesystem::path file_;
  std::ofstream out_;
  Digest md5_{"MD5"};
  std::string digest_;
  std::int64_t size_ = 0;
};

class ObjectStore {
 public:
  using Now = std::function<std::int64_t()>;  // microseconds since 1970
  ObjectStore(std::filesystem::path folder, Now now_us);

  std::optional<Object> find(const std::string& key) const;
  std::vector<Object> list(const std::string& prefix) const;  // by rising key
  std::filesystem::path file_of(const Object& object) const;  // there until the object is removed or replaced
  bool remove(const std::string& key);
  void remove_all(const std::string& prefix);
  bool set_modified(const std::string& key, std::int64_t modified_us);

  std::unique_ptr<Upload> begin();
  Object commit(Upload& upload, const std::string& key, const Metadata& metadata);

  // In parts: an id, then the parts, then all of them named with their digests in hex. Nothing of an unknown id, or where a part is
  // missing or another one.
  std::string begin_parts(const std::string& key, const Metadata& metadata);
  bool add_part(const std::string& id, int number, std::unique_ptr<Upload> part);
  // With `metadata` in place of what the upload began with, where it is given only now.
  std::optional<Object> complete(const std::string& id, const std::vector<std::pair<int, std::string>>& parts,
                                 const Metadata* metadata = nullptr);
  bool abort_parts(const std::string& id);

 private:
  struct Parts {
    std::string key;
    Metadata metadata;
    std::map<int, std::unique_ptr<Upload>> parts{};
  };
  void load();
  Object keep(const std::filesystem::path& file, Object object);
  void drop_files(const Object& object) const;
  std::filesystem::path path(std::int64_t number, const char* ending) const;

  std::filesystem::path folder_;
  Now now_us_;
  mutable std::mutex mutex_;
  std::int64_t next_ = 1;
  std::map<std::string, Object> objects_;
  std::map<std::string, Parts> uploads_;
};

}  // namespace imednet::sandbox::store
