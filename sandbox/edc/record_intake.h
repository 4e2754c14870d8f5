#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "sandbox/edc/study_store.h"

namespace imednet::sandbox::edc {

// POST records, and the jobs that come of it. What the vendor's pages say of the form of a request is judged at once (400, code 1000);
// whether form, site, subject and interval are there is the job's to say: it then ends as "failed", and nothing is stored.
class RecordIntake {
 public:
  explicit RecordIntake(StudyStore& store) : store_(store) {}

  // The answer: the new job. Throws RequestError.
  std::string take(const std::string& study_key, std::string_view body);
  // The job as it stands; each question brings it one state further: created, running, completed or failed. Throws RequestError 404.
  std::string job(const std::string& study_key, const std::string& batch_id);

 private:
  struct Job {
    std::string study_key, job_id, created;
    bool is_good = true;
    int questions = 0;
  };

  bool store_all(const std::string& study_key, const nlohmann::ordered_json& items);

  StudyStore& store_;
  std::mutex mutex_;
  std::map<std::string, Job, std::less<>> jobs_;  // by batch id
};

}  // namespace imednet::sandbox::edc
