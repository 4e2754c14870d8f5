// model_decode.h: one JSON element as a model. Included by .cc files only (it needs simdjson).
#pragma once

#include <simdjson.h>

#include "api/record_view.h"
#include "imednet/models.h"

namespace imednet::api {

void decode(simdjson::ondemand::object object, Study& study);
void decode(simdjson::ondemand::object object, Site& site);
void decode(simdjson::ondemand::object object, Form& form);
void decode(simdjson::ondemand::object object, Interval& interval);
void decode(simdjson::ondemand::object object, Variable& variable);
void decode(simdjson::ondemand::object object, Subject& subject);
void decode(simdjson::ondemand::object object, Visit& visit);

}  // namespace imednet::api
