#pragma once

#include <string>
#include <vector>

#include "converter/fold/fold.h"
#include "tests/support/oracle/oracle.h"

namespace pleat {

struct CriticOptions {
  FoldOptions fold;
  bool computable = true;      ///< the model is valid and the oracle knows its operators
  bool infinite = false;       ///< feed infinities too
  std::int64_t open_from = 1;  ///< sizes that the model leaves open start here
  double input_low = -1, input_high = 1;
};

/// What speaks against `result` being what folding `model` shall give; nothing: it is right. Judged without the
/// converter's own verifier:
/// - every value that both models name has the same value in both, by the oracle, within running error bounds, for
///   several inputs and sizes; constants enter before their rounding;
/// - each new constant is the exact one rounded once;
/// - folding again from scratch gives the same bytes; folding the folded model changes nothing;
/// - inputs, outputs, metadata and nodes that no fold concerns are as before;
/// - ONNX's own checker accepts the folded model if it accepts `model`.
std::vector<std::string> objections(const Model& model, const FoldResult& result, const CriticOptions& options);

/// Inputs for run number `run`: sizes, booleans and overridden constants vary with it.
OracleValues feed(const Model& model, int run, const CriticOptions& options);

/// Declares the shapes of the outputs of `model` as the oracle finds them; sizes that vary from run to run stay open.
void declare_outputs(Model& model, const CriticOptions& options);

/// What the checker of ONNX says against `model`; empty: nothing, or it cannot judge it.
std::string rejection(const Model& model);

}  // namespace pleat
