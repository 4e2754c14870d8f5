// model_decode.h: one JSON element as a model. Included by .cc files only (it needs simdjson).
//
// Shape:  instantiated for every model of models.h that has `raw`, but for Record, which RecordCursor decodes (ADR 0013).
// Errors: as scalar.h; simdjson_error where the element is no proper JSON.
#pragma once

#include <simdjson.h>

#include <string_view>
#include <vector>

#include "imednet/models.h"

namespace imednet::api {

template <class Model>
void decode(simdjson::ondemand::object object, Model& element);

// The wire's names of the model's fields, in order.
template <class Model>
std::vector<std::string_view> member_names();

}  // namespace imednet::api
