#pragma once

#include "runtime/base/function_ref.h"
#include "runtime/graph/model.h"

namespace pleat {

/// A model in which every call, in graphs and in the bodies put there, of a model-local function that `wanted` accepts
/// is replaced by the function's body. What the body makes is named "<call>.<name>", with _1, _2, … where that is
/// taken; values that the call reads and makes keep their names. Attribute references get the call's attribute or the
/// function's default, and vanish where there is neither. Accepted functions go, but for those that a function which
/// stays still calls. `model` must pass check; the result then does, too.
///
/// kInvalid where a call does not fit its function or a function calls itself; kUnsupported where function and model
/// import different versions of operators that the body uses, since a node does not tell its version; kResource beyond
/// a million nodes.
Result<Model> inline_functions(const Model& model, FunctionRef<bool(const Function&)> wanted);

/// All of them.
Result<Model> inline_functions(const Model& model);

}  // namespace pleat
