#include "pipeline/bar_chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/html_text.h"

namespace imednet::pipeline {
namespace {

// In the drawing's own units; the page scales it to its width.
constexpr int kWidth = 720, kLabels = 170, kValues = 110, kRow = 24, kBar = 14;
constexpr std::size_t kLabelCharacters = 22;

}  // namespace

std::string bar_chart(std::string_view id, std::string_view title, const std::vector<Bar>& bars) {
  double longest = 0;
  for (const Bar& bar : bars) longest = std::max(longest, bar.value);
  const int height = kRow * static_cast<int>(bars.size()) + 4;
  std::string svg = fmt::format(
      "<svg id=\"{0}\" class=\"chart\" viewBox=\"0 0 {1} {2}\" role=\"img\" aria-labelledby=\"{0}-title\">\n<title "
      "id=\"{0}-title\">{3}</title>\n",
      id, kWidth, height, html_text(title));
  constexpr int kMost = kWidth - kLabels - kValues;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const Bar& bar = bars[i];
    const int top = kRow * static_cast<int>(i) + 2;
    const double width = longest > 0 ? std::max(1.0, bar.value / longest * kMost) : 1.0;
    svg += fmt::format(
        "<g><title>{}: {}</title><text class=\"label\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>"
        "<rect class=\"bar\" x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" rx=\"2\"/>"
        "<text class=\"value\" x=\"{:.1f}\" y=\"{}\">{}</text></g>\n",
        html_text(bar.label), html_text(bar.shown), kLabels - 8, top + 15, html_text(shortened(bar.label, kLabelCharacters)), kLabels,
        top + (kRow - kBar) / 2 - 1, width, kBar, kLabels + width + 6, top + 15, html_text(bar.shown));
  }
  return svg + "</svg>\n";
}

}  // namespace imednet::pipeline
