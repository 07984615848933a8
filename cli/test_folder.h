#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/session/session.h"

namespace pleat::cli {

/// How close a test wants its outputs: |y − expected| <= atol + rtol·|expected|.
struct Tolerance {
  double rtol = 1e-3;
  double atol = 1e-7;
};

/// `otherwise`, or what the folder's data.json says.
Result<Tolerance> tolerance_of(const std::filesystem::path& folder, Tolerance otherwise);

/// Its test_data_set_N folders, in order of name.
std::vector<std::filesystem::path> data_sets(const std::filesystem::path& folder);

/// The input_K.pb of a test_data_set folder, by the names of the inputs a caller of `model` must give; an optional
/// input may be absent.
Result<std::map<std::string, Tensor>> stored_inputs(const Model& model, const std::filesystem::path& set);

/// `kind`_`index`.pb of a test_data_set folder, for a value that the model declares as `declared`. ONNX up to 1.12
/// stored bfloat16 as uint16, and cut the bits off instead of rounding: such data is refused as unsupported.
Result<Tensor> stored_tensor(const std::filesystem::path& set, const char* kind, std::size_t index, DType declared);

/// A session for the inputs of a test, with them copied in. Shapes, axes, pads and the like, which a model may take as
/// inputs but a plan must know, are made constants of the model where it cannot be planned otherwise.
Result<std::unique_ptr<Session>> open_test(const std::shared_ptr<const Model>& model,
                                           const std::map<std::string, Tensor>& inputs, const PlanOptions& plan);

}  // namespace pleat::cli
