#pragma once

#include <string>
#include <vector>

#include "cli/output.h"
#include "converter/verify/samples.h"
#include "runtime/graph/model.h"

namespace pleat::cli {

/// A model and what to call it.
struct Contestant {
  std::string name;
  const Model& model;
};

/// Runs each model on OpenCV's dnn in a process of its own, since OpenCV may crash on what it does not know. "ran"
/// false comes with a "refusal"; "agrees" tells whether OpenCV is within the tolerance that a folded network has. Fails
/// where the models do not run here, or OpenCV is not installed.
Result<Json> against_opencv(const std::vector<Contestant>& models, const std::vector<SampleSet>& samples, int threads);

/// For people.
std::string against_text(const Json& reports);

}  // namespace pleat::cli
