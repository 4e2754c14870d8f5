#include "sandbox/store/client_encryption.h"

#include <openssl/evp.h>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <vector>

namespace imednet::sandbox::store {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kBuffer = 1 << 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

[[noreturn]] void refuse(const char* why) { throw std::invalid_argument(why); }

Cipher decryption(const EVP_CIPHER* kind, const std::string& key, const unsigned char* iv) {
  Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  if (EVP_DecryptInit_ex(cipher.get(), kind, nullptr, bytes_of(key), iv) != 1) refuse("the key can't be used");
  return cipher;
}

std::string unwrapped(const std::string& master_key, const std::string& wrapped) {
  const bool is_short = master_key.size() == 16;
  if (!is_short && master_key.size() != 32) refuse("the master key has neither 16 nor 32 bytes");
  const Cipher cipher = decryption(is_short ? EVP_aes_128_ecb() : EVP_aes_256_ecb(), master_key, nullptr);
  std::string key(wrapped.size() + kBlock, '\0');
  int size = 0, rest = 0;
  if (EVP_DecryptUpdate(cipher.get(), bytes_of(key), &size, bytes_of(wrapped), static_cast<int>(wrapped.size())) != 1 ||
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(key) + size, &rest) != 1) {
    refuse("the file's key is not one of this stage");
  }
  key.resize(static_cast<std::size_t>(size + rest));
  if (key.size() != master_key.size()) refuse("the file's key is not as long as the stage's");
  return key;
}

void decrypt_stream(EVP_CIPHER_CTX* cipher, std::ifstream& in, std::ofstream& out) {
  std::vector<char> crypted(kBuffer);
  std::vector<unsigned char> plain(kBuffer + kBlock);
  const auto write = [&](int size) { out.write(reinterpret_cast<const char*>(plain.data()), size); };
  int size = 0;
  while (in.read(crypted.data(), static_cast<std::streamsize>(crypted.size())), in.gcount() > 0) {
    if (EVP_DecryptUpdate(cipher, plain.data(), &size, reinterpret_cast<const unsigned char*>(crypted.data()),
                          static_cast<int>(in.gcount())) != 1) {
      refuse("the file can't be decrypted");
    }
    write(size);
  }
  if (EVP_DecryptFinal_ex(cipher, plain.data(), &size) != 1) refuse("the file's end is not as its key has it");
  write(size);
}

}  // namespace

void decrypt_file(const std::string& master_key, const FileKey& key, const std::filesystem::path& from, const std::filesystem::path& to) {
  const std::string file_key = unwrapped(master_key, key.wrapped_key);
  if (key.iv.size() != kBlock) refuse("the file's IV has not 16 bytes");
  const Cipher cipher = decryption(file_key.size() == 16 ? EVP_aes_128_cbc() : EVP_aes_256_cbc(), file_key, bytes_of(key.iv));
  try {
    std::ifstream in(from, std::ios::binary);
    std::ofstream out(to, std::ios::binary | std::ios::trunc);
    if (!in || !out) throw std::runtime_error("cannot open the files to decrypt");
    decrypt_stream(cipher.get(), in, out);
    if (!out.flush()) throw std::runtime_error("cannot write the decrypted file");
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(to, ignored);
    throw;
  }
}

}  // namespace imednet::sandbox::store
