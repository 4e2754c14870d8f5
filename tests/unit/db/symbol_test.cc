// libparquet of the pinned wheel exports its own copies of OpenSSL and simdjson. Whoever calls EVP_sha256 must get libcrypto's,
// and our simdjson must be nobody else's (docs/adr/0003, cmake/Dependencies.cmake).
#include <dlfcn.h>
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <link.h>
#include <openssl/evp.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "imednet/errors.h"
#include "imednet/models.h"
#include "staging/parquet_stage.h"

namespace imednet {
namespace {

using testing::HasSubstr;

std::string library_of(const void* address) {
  Dl_info info{};
  return dladdr(address, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "";
}

std::vector<std::string> loaded_libraries() {
  std::vector<std::string> names;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) {
        static_cast<std::vector<std::string>*>(data)->emplace_back(info->dlpi_name);
        return 0;
      },
      &names);
  return names;
}

// Names in the dynamic symbol table of a 64-bit ELF file, defined and wanted ones.
std::vector<std::string> dynamic_symbols(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::vector<std::string> names;
  Elf64_Ehdr header{};
  if (bytes.size() < sizeof(header)) return names;
  std::memcpy(&header, bytes.data(), sizeof(header));
  const auto section = [&](std::size_t index) {
    Elf64_Shdr out{};
    std::memcpy(&out, bytes.data() + header.e_shoff + index * header.e_shentsize, sizeof(out));
    return out;
  };
  for (std::size_t i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr symbols = section(i);
    if (symbols.sh_type != SHT_DYNSYM) continue;
    const Elf64_Shdr texts = section(symbols.sh_link);
    for (std::size_t at = 0; at < symbols.sh_size; at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol{};
      std::memcpy(&symbol, bytes.data() + symbols.sh_offset + at, sizeof(symbol));
      names.emplace_back(bytes.data() + texts.sh_offset + symbol.st_name);
    }
  }
  return names;
}

TEST(Symbols, OpenSslIsLibcryptosAlthoughParquetBringsACopy) {
  // Without libparquet in the process the rest would prove nothing.
  ASSERT_THAT(loaded_libraries(), testing::Contains(HasSubstr("libparquet")));
  EXPECT_THAT(library_of(reinterpret_cast<const void*>(&EVP_sha256)), HasSubstr("libcrypto"));
  for (const char* name : {"EVP_sha256", "EVP_DigestInit_ex", "EVP_DigestFinal_ex", "RAND_bytes", "EVP_MD_CTX_new"}) {
    EXPECT_THAT(library_of(dlsym(RTLD_DEFAULT, name)), HasSubstr("libcrypto")) << name;
  }
  for (const char* name : {"SSL_CTX_new", "SSL_connect"}) {
    EXPECT_THAT(library_of(dlsym(RTLD_DEFAULT, name)), HasSubstr("libssl")) << name;
  }
}

TEST(Symbols, NoSimdjsonNameIsExportedOrWanted) {
  // Both users of the libraries are in this program: JSON by simdjson, files by Parquet.
  Record record;
  record.record_data = R"({"it.age":"63"})";
  ASSERT_EQ(record.value("it.age"), "63");
  ASSERT_THROW(staging::read_staged_file("/nonexistent/x.parquet"), errors::ExportError);
  const auto names = dynamic_symbols("/proc/self/exe");
  ASSERT_GT(names.size(), 100u);
  std::size_t openssl = 0;
  for (const std::string& name : names) {
    EXPECT_EQ(name.find("simdjson"), std::string::npos) << name;
    openssl += name.starts_with("EVP_");
  }
  EXPECT_GT(openssl, 0u) << "the table was not read";
}

}  // namespace
}  // namespace imednet
