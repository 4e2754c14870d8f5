// Digests, encryption as the clients do it, Amazon's chunked form, and objects on disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "sandbox/store/aws_chunked.h"
#include "sandbox/store/client_encryption.h"
#include "sandbox/store/object_store.h"

namespace imednet::sandbox::store {
namespace {

namespace fs = std::filesystem;

class InFolder : public testing::Test {
 protected:
  InFolder() { fs::create_directories(folder_); }
  ~InFolder() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  static std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

  fs::path folder_ = fs::temp_directory_path() / ("sandbox_store_" + std::to_string(::getpid()));
};

TEST(Digests, AreThoseThatOthersCompute) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(hmac_sha256("key", "The quick brown fox jumps over the lazy dog")),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
  Digest md5("MD5");
  md5.add("ab");
  md5.add("c");
  EXPECT_EQ(hex(md5.finish()), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(Digests, Base64GoesThereAndBackAndNothingElseIsTaken) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string bytes = random_bytes(size);
    EXPECT_EQ(from_base64(base64(bytes)), bytes) << size;
  }
  for (const char* text : {"a", "abc", "ab=c", "a===", "ab c", "====", "YQ==YQ=="})
    EXPECT_THROW(from_base64(text), std::invalid_argument) << text;
}

// As a client does it, by OpenSSL's other direction.
std::string encrypted(const EVP_CIPHER* kind, const std::string& key, const std::string& iv, const std::string& text) {
  EVP_CIPHER_CTX* const cipher = EVP_CIPHER_CTX_new();
  std::string out(text.size() + 32, '\0');
  const auto bytes = [](std::string& from) { return reinterpret_cast<unsigned char*>(from.data()); };
  const auto read_only = [](const std::string& from) { return reinterpret_cast<const unsigned char*>(from.data()); };
  int size = 0, rest = 0;
  EVP_EncryptInit_ex(cipher, kind, nullptr, read_only(key), iv.empty() ? nullptr : read_only(iv));
  EVP_EncryptUpdate(cipher, bytes(out), &size, read_only(text), static_cast<int>(text.size()));
  EVP_EncryptFinal_ex(cipher, bytes(out) + size, &rest);
  EVP_CIPHER_CTX_free(cipher);
  out.resize(static_cast<std::size_t>(size + rest));
  return out;
}

class Encryption : public InFolder {
 protected:
  void encrypt(std::size_t key_size, const std::string& text) {
    const bool is_short = key_size == 16;
    master_ = random_bytes(key_size);
    const std::string key = random_bytes(key_size);
    file_key_.iv = random_bytes(16);
    file_key_.wrapped_key = encrypted(is_short ? EVP_aes_128_ecb() : EVP_aes_256_ecb(), master_, "", key);
    write(from_, encrypted(is_short ? EVP_aes_128_cbc() : EVP_aes_256_cbc(), key, file_key_.iv, text));
  }

  fs::path from_ = folder_ / "from", to_ = folder_ / "to";
  std::string master_;
  FileKey file_key_;
};

TEST_F(Encryption, WhatAClientWroteIsReadWithBothLengthsOfKeys) {
  for (const std::size_t key_size : {16U, 32U}) {
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 65'535U, 65'536U, 200'000U}) {
      const std::string text = random_bytes(size);
      encrypt(key_size, text);
      EXPECT_EQ(fs::file_size(from_), 16 * (size / 16 + 1));
      decrypt_file(master_, file_key_, from_, to_);
      EXPECT_EQ(read(to_), text) << key_size << " " << size;
    }
  }
}

TEST_F(Encryption, AnotherKeyADamagedEndAndAShortFileAreRefused) {
  encrypt(16, "a study's records");
  const std::string master = master_, whole = read(from_);
  master_[3] = static_cast<char>(master_[3] ^ 1);
  EXPECT_THROW(decrypt_file(master_, file_key_, from_, to_), std::invalid_argument);
  EXPECT_THROW(decrypt_file("short", file_key_, from_, to_), std::invalid_argument);
  write(from_, whole.substr(0, whole.size() - 1));
  EXPECT_THROW(decrypt_file(master, file_key_, from_, to_), std::invalid_argument);
  write(from_, whole);
  FileKey other = file_key_;
  other.iv = "x";
  EXPECT_THROW(decrypt_file(master, other, from_, to_), std::invalid_argument);
  EXPECT_FALSE(fs::exists(to_));
  decrypt_file(master, file_key_, from_, to_);
  EXPECT_EQ(read(to_), "a study's records");
}

class Chunked : public testing::Test {
 protected:
  bool add_in_steps(const std::string& text, std::size_t step) {
    got_.clear();
    chunks_ = std::make_unique<AwsChunked>([this](std::string_view bytes) {
      got_ += bytes;
      return true;
    });
    for (std::size_t at = 0; at < text.size(); at += step) {
      if (!chunks_->add(std::string_view(text).substr(at, step))) return false;
    }
    return true;
  }
  std::string got_;
  std::unique_ptr<AwsChunked> chunks_;
};

TEST_F(Chunked, ChunksAndTrailersAreReadWhereverTheyAreCut) {
  const std::string text =
      "5;chunk-signature=abc\r\nab\r\nc\r\nA\r\n0123456789\r\n0\r\nx-amz-checksum-crc32: AAAAAA==\r\nX-Other:1\r\n\r\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    ASSERT_TRUE(add_in_steps(text, step)) << step;
    EXPECT_TRUE(chunks_->is_complete());
    EXPECT_EQ(got_, "ab\r\nc0123456789");
    EXPECT_EQ(chunks_->size(), 15);
    EXPECT_THAT(chunks_->trailers(),
                testing::UnorderedElementsAre(testing::Pair("x-amz-checksum-crc32", "AAAAAA=="), testing::Pair("x-other", "1")));
  }
}

TEST_F(Chunked, OtherFormsAreRefusedAndAnEarlyEndIsNotComplete) {
  for (const char* text : {"5\nabcde\n", "x\r\n", "-1\r\n", "5\r\nabcdeX\r\n", "ffffffffff\r\n", "0\r\nnocolon\r\n", "0\r\n\r\nmore"})
    EXPECT_FALSE(add_in_steps(text, 64)) << text;
  EXPECT_FALSE(add_in_steps(std::string(10'000, '1'), 100));
  for (const char* text : {"", "5", "5\r\nabc", "5\r\nabcde\r\n", "0\r\n"}) {
    EXPECT_TRUE(add_in_steps(text, 64)) << text;
    EXPECT_FALSE(chunks_->is_complete()) << text;
  }
}

class Objects : public InFolder {
 protected:
  Object put(const std::string& key, const std::string& text, const Metadata& metadata = {}) {
    const auto upload = store_->begin();
    EXPECT_TRUE(upload->add(text));
    return store_->commit(*upload, key, metadata);
  }
  std::string text_of(const std::string& key) { return read(store_->file_of(*store_->find(key))); }
  std::vector<std::string> keys(const std::string& prefix = "") {
    std::vector<std::string> found;
    for (const Object& object : store_->list(prefix)) found.push_back(object.key);
    return found;
  }
  void restart() {
    store_ = std::make_unique<ObjectStore>(folder_ / "objects", [this] { return ++now_; });
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_ / "objects"), fs::directory_iterator()));
  }

  std::int64_t now_ = 1'000;
  std::unique_ptr<ObjectStore> store_ = std::make_unique<ObjectStore>(folder_ / "objects", [this] { return ++now_; });
};

TEST_F(Objects, AnObjectIsThereWhenItsUploadIsCommittedAndSurvivesARestart) {
  {
    const auto upload = store_->begin();
    upload->add("never committed");
  }
  EXPECT_TRUE(keys().empty());
  const Object object = put("a/b", "abc", {{"x-amz-key", "k\xFF"}});
  EXPECT_EQ(object.etag, "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(object.size, 3);
  restart();
  ASSERT_TRUE(store_->find("a/b"));
  EXPECT_EQ(store_->find("a/b")->metadata.at("x-amz-key"), "k\xFF");
  EXPECT_EQ(text_of("a/b"), "abc");
}

TEST_F(Objects, KeysAreNoPaths) {
  for (const char* key : {"../../etc/passwd", "/", "a", "a/b", "a//b", "\xFF\xFE", "x y*?[1]"}) put(key, key);
  restart();
  EXPECT_EQ(keys().size(), 7U);
  EXPECT_EQ(text_of("a/b"), "a/b");
  EXPECT_EQ(keys("a"), (std::vector<std::string>{"a", "a//b", "a/b"}));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1) << "something was written elsewhere";
}

TEST_F(Objects, ALaterOneTakesThePlaceAndOfTheFormerNothingStays) {
  const Object first = put("k", "one");
  const Object second = put("k", "two");
  EXPECT_GT(second.number, first.number);
  EXPECT_GT(second.modified_us, first.modified_us);
  EXPECT_EQ(text_of("k"), "two");
  EXPECT_EQ(files(), 2U);
  EXPECT_TRUE(store_->remove("k"));
  EXPECT_FALSE(store_->remove("k"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(Objects, WhatAKilledServerLeftGoesAtTheNextStart) {
  put("k", "one");
  write(folder_ / "objects" / "77.upload", "half");
  write(folder_ / "objects" / "78.bytes", "no facts");
  write(folder_ / "objects" / "79.json.new", "{");
  restart();
  EXPECT_EQ(keys(), std::vector<std::string>{"k"});
  EXPECT_EQ(files(), 2U);
  EXPECT_GT(put("l", "x").number, 78);
}

TEST_F(Objects, PartsAreJoinedInTheirOrderAndOnlyWhenAllOfThemAreThose) {
  const std::string id = store_->begin_parts("k", {{"a", "b"}});
  std::vector<std::pair<int, std::string>> parts;
  for (const int number : {2, 1}) {
    auto part = store_->begin();
    part->add(number == 1 ? "first " : "second");
    parts.insert(parts.begin(), {number, hex(part->finish())});
    EXPECT_TRUE(store_->add_part(id, number, std::move(part)));
  }
  EXPECT_FALSE(store_->add_part("unknown", 1, store_->begin()));
  EXPECT_FALSE(store_->complete("unknown", parts));
  EXPECT_FALSE(store_->complete(id, {}));
  EXPECT_FALSE(store_->complete(id, {{1, parts[0].second}, {3, parts[1].second}}));
  EXPECT_FALSE(store_->complete(id, {{1, parts[1].second}}));
  EXPECT_TRUE(keys().empty());
  const auto object = store_->complete(id, parts);
  ASSERT_TRUE(object);
  EXPECT_EQ(text_of("k"), "first second");
  EXPECT_EQ(object->metadata.at("a"), "b");
  EXPECT_THAT(object->etag, testing::EndsWith("-2"));
  EXPECT_EQ(files(), 2U);
  const std::string other = store_->begin_parts("l", {});
  store_->add_part(other, 1, store_->begin());
  EXPECT_TRUE(store_->abort_parts(other));
  EXPECT_FALSE(store_->abort_parts(other));
  EXPECT_EQ(files(), 2U);
}

}  // namespace
}  // namespace imednet::sandbox::store
