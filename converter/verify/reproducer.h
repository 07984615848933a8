#pragma once

#include <string>

#include "converter/verify/region_check.h"

namespace pleat {

/// Writes the smallest case that shows a difference into `folder`, which is made where it is missing: unfolded.onnx and
/// folded.onnx (the region alone), test_data_set_0/input_K.pb (the golden input) and output_K.pb (what the unfolded
/// region gives in double, rounded to the network's type), and README.txt.
Status write_reproducer(const std::string& folder, const Region& region, const GoldenData& golden,
                        const Finding& failure);

}  // namespace pleat
