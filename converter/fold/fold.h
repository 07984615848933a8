#pragma once

#include "converter/fold/exact.h"
#include "converter/fold/fold_map.h"
#include "runtime/base/result.h"
#include "runtime/graph/model.h"

namespace pleat {

struct FoldOptions {
  bool flush_subnormals = true;     ///< set folded float values below 2⁻¹²⁶ to 0, and report how many
  bool assume_inference = false;    ///< treat BatchNormalizations in training mode as if exported for inference
  bool freeze_inputs = false;       ///< treat initializers that are also graph inputs as constants
  bool dequantize_weights = false;  ///< compute DequantizeLinear of constant weights now, and fold into the result
  bool decompose = false;           ///< a BatchNormalization that stays becomes Mul and Add
  bool keep_ir = false;             ///< leave the IR version and the inputs of models older than IR 4 as they are
};

struct FoldResult {
  Model source;  ///< what `folded` equals: the model given, functions inlined and options' assumptions made explicit
  Model folded;
  FoldMap map;
  ExactConstants constants;  ///< every constant the folds brought, before rounding
};

/// Folds every inference-mode BatchNormalization that a linear layer before it (else behind it) can take over exactly,
/// and likewise those written out as Sub, Mul, Div and Add; the others stay, each with its reason in the map. Inner
/// graphs are folded too; model-local functions that hold BatchNormalizations are inlined first. `model` is not touched
/// and shares constants with the result. Nothing to fold gives an equal model; folding a folded model changes nothing;
/// equal models give equal results.
///
/// Names: graph inputs and outputs and every value that keeps its meaning keep theirs; a value whose meaning changes
/// (a layer's output before a BatchNormalization further on) gets a fresh name, as do new constants. So two values of
/// one name in the two models are the same function of the inputs.
/// A model of IR version below 4 becomes version 4, its constants no longer being inputs, unless `keep_ir`.
/// Fails only on a model whose structure is broken (kInvalid) or for want of memory (kResource).
Result<FoldResult> fold(const Model& model, const FoldOptions& options = {});

}  // namespace pleat
