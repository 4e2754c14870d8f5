#pragma once

#include <httplib.h>

#include "sandbox/edc/answer.h"
#include "sandbox/edc/stop_signal.h"

namespace imednet::sandbox::edc {

// Puts the answer on the wire, gzipped when the client takes that, with the fault it carries.
void write_answer(Answer answer, const httplib::Request& request, httplib::Response& response, const StopSignal& stop);

// Waits until the client goes away or the server stops, ten minutes at most.
void hang(const StopSignal& stop);

}  // namespace imednet::sandbox::edc
