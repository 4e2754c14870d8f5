#include "query_log.h"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace imednet::sandbox::snowflake {

namespace {

constexpr size_t kMostRecords = 20000;
// A replayed request or a late poll finds its answer among this many newest statements.
constexpr size_t kMostAnswers = 500;

std::string request_key(const std::string& session_id, const std::string& request_id) { return session_id + "/" + request_id; }

}  // namespace

std::pair<std::shared_ptr<QueryRecord>, bool> QueryLog::open(const std::string& request_id, const std::string& session_id, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  const std::string key = request_key(session_id, request_id);
  if (!request_id.empty()) {
    if (const auto known = by_request_.find(key); known != by_request_.end()) return {known->second, false};
  }
  auto record = std::make_shared<QueryRecord>();
  record->id = new_uuid();
  record->request_id = request_id;
  record->session_id = session_id;
  record->started_us = now_us;
  order_.push_back(record);
  by_id_[record->id] = record;
  if (!request_id.empty()) by_request_[key] = record;
  if (order_.size() > kMostRecords) {
    by_id_.erase(order_.front()->id);
    by_request_.erase(request_key(order_.front()->session_id, order_.front()->request_id));
    order_.pop_front();
  }
  if (order_.size() > kMostAnswers) {
    QueryRecord& old = *order_[order_.size() - 1 - kMostAnswers];
    const std::lock_guard old_lock(old.mutex);
    if (old.done) {
      old.chunks = {};
      old.answer = R"({"data":null,"code":"000709","message":"The result of this statement is no longer kept.","success":false})";
    }
  }
  return {record, true};
}

std::shared_ptr<QueryRecord> QueryLog::find(const std::string& query_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(query_id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::shared_ptr<QueryRecord> QueryLog::find_request(const std::string& session_id, const std::string& request_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_request_.find(request_key(session_id, request_id));
  return found == by_request_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<QueryRecord>> QueryLog::recent(size_t limit, const std::string& session_id) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<QueryRecord>> out;
  for (auto it = order_.rbegin(); it != order_.rend() && out.size() < limit; ++it) {
    if (session_id.empty() || (*it)->session_id == session_id) out.push_back(*it);
  }
  return out;
}

bool cancel_statement(QueryRecord& record) {
  std::shared_ptr<Session> session;
  {
    const std::lock_guard lock(record.mutex);
    if (record.done) return false;
    record.cancelled = true;
    if (record.running) session = record.session.lock();
  }
  if (session) session->cancel();
  return true;
}

std::string new_uuid() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) throw std::runtime_error("no randomness");
  std::string out;
  static constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kDigits[bytes[i] >> 4];
    out += kDigits[bytes[i] & 15];
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
