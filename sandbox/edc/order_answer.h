#pragma once

#include <string_view>

#include "sandbox/edc/answer.h"
#include "sandbox/edc/fault_order.h"

namespace imednet::sandbox::edc {

// The answer an order gives in place of the API's own: an error status, a gateway's page, a redirect.
Answer ordered_answer(const OrderAction& action, std::string_view path);

}  // namespace imednet::sandbox::edc
