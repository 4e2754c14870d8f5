// imednet.h: everything public, for those who do not mind.
#pragma once

#include "imednet/errors.h"
#include "imednet/integrations/doctor.h"
#include "imednet/integrations/parquet.h"
#include "imednet/integrations/plan.h"
#include "imednet/integrations/replay.h"
#include "imednet/integrations/sink_base.h"
#include "imednet/integrations/sql.h"
#include "imednet/integrations/tidying.h"
#include "imednet/integrations/warehouse.h"
#include "imednet/models.h"
#include "imednet/record_checks.h"
#include "imednet/retry.h"
#include "imednet/sdk.h"
#include "imednet/secret.h"
