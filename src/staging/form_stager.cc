#include "staging/form_stager.h"

#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "staging/batch_names.h"
#include "staging/parquet_stage.h"
#include "staging/part_file_internal.h"
#include "staging/row_chunks.h"
#include "table/arrow_errors_internal.h"
#include "table/memory_internal.h"
#include "table/part_rows.h"
#include "table/records_schema.h"

namespace imednet::staging {
namespace {

constexpr std::int64_t kRowsAPiece = 500;
constexpr std::size_t kBytesAPiece = 256 << 10;
constexpr std::string_view kUnpacking = "take rows back that waited";

// A file without a name, in which packed rows wait.
class WaitingFile {
 public:
  explicit WaitingFile(const std::filesystem::path& folder) : path_(folder / "rows-that-wait") {
    file_ = Descriptor(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file_.get() < 0) throw_file_error("make", path_, errno);
    ::unlink(path_.c_str());
  }

  struct Place {
    std::int64_t at = 0, size = 0;
  };

  Place put(const arrow::Buffer& bytes) {
    const Place place{end_, bytes.size()};
    for (std::int64_t done = 0; done < bytes.size();) {
      const ssize_t count = ::pwrite(file_.get(), bytes.data() + done, static_cast<std::size_t>(bytes.size() - done), end_ + done);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) throw_file_error("write", path_, errno);
      done += count;
    }
    end_ += bytes.size();
    return place;
  }

  std::shared_ptr<arrow::Buffer> get(const Place& place) const {
    std::shared_ptr<arrow::Buffer> bytes = table::value_of(arrow::AllocateBuffer(place.size, table::memory_pool()), kUnpacking);
    for (std::int64_t done = 0; done < place.size;) {
      const ssize_t count =
          ::pread(file_.get(), bytes->mutable_data() + done, static_cast<std::size_t>(place.size - done), place.at + done);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) throw_file_error("read", path_, count == 0 ? EIO : errno);
      done += count;
    }
    return bytes;
  }

 private:
  std::filesystem::path path_;
  Descriptor file_;
  std::int64_t end_ = 0;
};

struct Piece {
  WaitingFile::Place place;
  std::size_t bytes = 0;
};

struct OneForm {
  explicit OneForm(const table::FormLayout& form) : builder(form) {}
  table::FormBuilder builder;
  std::vector<Piece> pieces{};
};

}  // namespace

struct FormStager::State {
  WaitingFile waiting;
  std::string study_key;
  std::int64_t batch_size;
  std::map<const table::FormLayout*, OneForm> forms{};

  OneForm& of(const table::FormLayout& form) { return forms.try_emplace(&form, form).first->second; }

  void pack(OneForm& form) {
    if (form.builder.rows() == 0) return;
    const std::size_t bytes = form.builder.bytes();
    form.pieces.push_back({waiting.put(*pack_rows(*form.builder.finish())), bytes});
  }
};

FormStager::FormStager(const std::filesystem::path& waiting, std::string study_key, std::int64_t batch_size)
    : state_(std::make_unique<State>(State{WaitingFile(waiting), std::move(study_key), batch_size})) {}
FormStager::~FormStager() = default;
FormStager::FormStager(FormStager&&) noexcept = default;
FormStager& FormStager::operator=(FormStager&&) noexcept = default;

void FormStager::append(const table::FormLayout& form, const table::RecordRow& row) {
  OneForm& one = state_->of(form);
  one.builder.append(row);
  if (one.builder.rows() >= kRowsAPiece || one.builder.bytes() >= kBytesAPiece) state_->pack(one);
}

std::vector<StagedFile> FormStager::finish(const table::FormLayout& form, const table::FormPart& part,
                                           const std::filesystem::path& directory) {
  OneForm& one = state_->of(form);
  state_->pack(one);
  const auto schema = table::schema_of(form.layout());
  table::PartRows part_rows(form, part);
  const auto share = [&](std::size_t bytes, std::int64_t rows, std::int64_t of_rows) {
    return bytes * static_cast<std::size_t>(rows) / static_cast<std::size_t>(of_rows) * part.columns.size() / form.layout().columns.size();
  };
  const std::string series = form_series(form.form_key(), part.number);
  std::vector<StagedFile> files;
  std::optional<BatchFileWriter> writer;
  const auto open = [&] {
    writer.emplace(directory, make_batch_id(state_->study_key, series, static_cast<std::int64_t>(files.size())),
                   FileMetadata{.study_key = state_->study_key, .layout = &part.layout});
  };
  for (const Piece& piece : one.pieces) {
    const auto rows = part_rows.of(unpack_rows(state_->waiting.get(piece.place), schema));
    for (std::int64_t done = 0; done < rows->num_rows();) {
      if (!writer) open();
      const std::int64_t count = std::min(rows->num_rows() - done, state_->batch_size - writer->rows());
      writer->write(*rows->Slice(done, count), share(piece.bytes, count, rows->num_rows()));
      done += count;
      if (writer->rows() < state_->batch_size) continue;
      files.push_back(writer->finish());
      writer.reset();
    }
  }
  if (!writer && files.empty()) open();
  if (writer) files.push_back(writer->finish());
  return files;
}

const table::FormCounts& FormStager::counts(const table::FormLayout& form) { return state_->of(form).builder.counts(); }

}  // namespace imednet::staging
