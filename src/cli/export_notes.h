// export_notes.h: what a finished export says on stderr, whatever it exported to.
#pragma once

#include "imednet/integrations/warehouse.h"

namespace imednet::cli {

void print_reading_notes(const integrations::ExportReport& report);

// The typed views that stand, if any.
void print_views(const integrations::ExportReport& report);

double rows_a_second(const integrations::ExportReport& report);

}  // namespace imednet::cli
