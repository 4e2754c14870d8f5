// api_peer.h: the iMednet API in memory, as one run sees it through its transport.
//
// Rules of the list (page, size, sort, filter) are the sandbox's, which reads the documents apart from the product.
#pragma once

#include <string>
#include <vector>

#include "http/transport.h"
#include "sandbox/edc/stored_table.h"
#include "simulation/study.h"
#include "simulation/world.h"

namespace imednet::simulation {

class ApiPeer final : public http::Transport {
 public:
  ApiPeer(World& world, Study& study) : world_(world), study_(study) {}
  http::Response send(const http::Request& request, const std::stop_token& stop) override;

 private:
  struct Answer;
  http::Response answer(const http::Request& request, const Fault* fault);
  std::string list(const std::string& query, const Fault* fault);
  const sandbox::edc::StoredTable& table();
  void change_study(const std::string& fault);

  World& world_;
  Study& study_;
  std::unique_ptr<sandbox::edc::StoredTable> table_;
  std::vector<Version*> rows_;  // of the table, by rank
  std::int64_t edition_ = -1;
  std::string former_body_;
  std::string hidden_form_;
  bool ignores_filter_ = false, hides_all_ = false, is_down_ = false;
};

}  // namespace imednet::simulation
