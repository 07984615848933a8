#pragma once

#include <string>
#include <vector>

#include "converter/report/node_pairs.h"

namespace pleat::html {

/// Two drawings of the same nodes, before and after, each node in the same place: what is gone leaves a dashed frame.
struct Diagram {
  std::string before;
  std::string after;
  int columns = 0;
};

/// Values that enter and leave stand above and below. SVG markup.
Diagram diagram(const Graph& before, const Graph& after);

}  // namespace pleat::html
