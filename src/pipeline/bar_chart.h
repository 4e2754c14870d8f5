// bar_chart.h: lying bars as SVG, for a page without scripts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imednet::pipeline {

struct Bar {
  std::string label;  // as it came; escaped here
  double value = 0;   // 0 or more
  std::string shown;  // the value as a person reads it
};

// One <svg> with the id, read out by its title; the longest bar takes the whole width. Colours: the classes bar, label and value.
std::string bar_chart(std::string_view id, std::string_view title, const std::vector<Bar>& bars);

}  // namespace imednet::pipeline
