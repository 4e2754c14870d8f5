// record_model.h: a record as the SDK's model of it.
#pragma once

#include "api/record_view.h"
#include "imednet/models.h"

namespace imednet::api {

Record to_record(const RecordView& view);

}  // namespace imednet::api
