#include "runtime/pleat_c.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "runtime/pleat.h"

struct pleat_predictor {
  pleat::Predictor predictor;
};

namespace {

using pleat::LoadOptions;
using pleat::Outcome;
using pleat::TensorInfo;

/// Hands the message to the caller; a message there is no memory for is left NULL.
int report(const Outcome& outcome, char** error) {
  if (error == nullptr) return static_cast<int>(outcome.code);
  *error = nullptr;
  if (outcome.ok()) return 0;
  const std::size_t size = outcome.message.size() + 1;
  if (auto* copy = static_cast<char*>(std::malloc(size)); copy != nullptr) {
    std::memcpy(copy, outcome.message.c_str(), size);
    *error = copy;
  }
  return static_cast<int>(outcome.code);
}

LoadOptions options_of(const pleat_options* options) {
  LoadOptions out;
  if (options == nullptr) return out;
  if (options->threads != 0) out.threads = options->threads;
  if (options->open_size != 0) out.open_size = options->open_size;
  out.exact = options->exact != 0;
  return out;
}

/// A new handle filled by `fill`, or NULL and its error.
template <class Fill>
pleat_predictor* filled(char** error, Fill fill) noexcept {
  std::unique_ptr<pleat_predictor> handle(new (std::nothrow) pleat_predictor);
  try {
    const Outcome outcome = handle ? fill(handle->predictor) : Outcome{Outcome::Code::kResource, "out of memory"};
    return report(outcome, error) == 0 ? handle.release() : nullptr;
  } catch (const std::exception&) {
    if (error != nullptr) *error = nullptr;
    return nullptr;
  }
}

const TensorInfo* input_info(const pleat_predictor* handle, std::size_t index) {
  return handle != nullptr && index < handle->predictor.inputs().size() ? &handle->predictor.inputs()[index] : nullptr;
}

const TensorInfo* output_info(const pleat_predictor* handle, std::size_t index) {
  return handle != nullptr && index < handle->predictor.outputs().size() ? &handle->predictor.outputs()[index]
                                                                         : nullptr;
}

}  // namespace

pleat_predictor* pleat_predictor_load(const char* path, const pleat_options* options, char** error) {
  return filled(error, [&](pleat::Predictor& predictor) -> Outcome {
    if (path == nullptr) return {Outcome::Code::kUsage, "no path was given"};
    return pleat::Predictor::load(path, predictor, options_of(options));
  });
}

pleat_predictor* pleat_predictor_load_bytes(const void* data, size_t size, const pleat_options* options, char** error) {
  return filled(error, [&](pleat::Predictor& predictor) {
    return pleat::Predictor::load_bytes(data, size, predictor, options_of(options));
  });
}

pleat_predictor* pleat_predictor_clone(const pleat_predictor* predictor, char** error) {
  return filled(error, [&](pleat::Predictor& copy) -> Outcome {
    if (predictor == nullptr) return {Outcome::Code::kUsage, "no predictor was given"};
    return predictor->predictor.clone(copy);
  });
}

void pleat_predictor_free(pleat_predictor* predictor) { delete predictor; }

size_t pleat_input_count(const pleat_predictor* predictor) {
  return predictor != nullptr ? predictor->predictor.inputs().size() : 0;
}

const char* pleat_input_name(const pleat_predictor* predictor, size_t index) {
  const TensorInfo* info = input_info(predictor, index);
  return info != nullptr ? info->name.c_str() : nullptr;
}

const char* pleat_input_type(const pleat_predictor* predictor, size_t index) {
  const TensorInfo* info = input_info(predictor, index);
  return info != nullptr ? info->type.c_str() : nullptr;
}

size_t pleat_input_rank(const pleat_predictor* predictor, size_t index) {
  const TensorInfo* info = input_info(predictor, index);
  return info != nullptr ? info->shape.size() : 0;
}

const int64_t* pleat_input_shape(const pleat_predictor* predictor, size_t index) {
  const TensorInfo* info = input_info(predictor, index);
  return info != nullptr ? info->shape.data() : nullptr;
}

size_t pleat_input_bytes(const pleat_predictor* predictor, size_t index) {
  const TensorInfo* info = input_info(predictor, index);
  return info != nullptr ? info->bytes : 0;
}

void* pleat_input_data(pleat_predictor* predictor, size_t index) {
  return predictor != nullptr ? predictor->predictor.input_data(index) : nullptr;
}

size_t pleat_output_count(const pleat_predictor* predictor) {
  return predictor != nullptr ? predictor->predictor.outputs().size() : 0;
}

const char* pleat_output_name(const pleat_predictor* predictor, size_t index) {
  const TensorInfo* info = output_info(predictor, index);
  return info != nullptr ? info->name.c_str() : nullptr;
}

const char* pleat_output_type(const pleat_predictor* predictor, size_t index) {
  const TensorInfo* info = output_info(predictor, index);
  return info != nullptr ? info->type.c_str() : nullptr;
}

size_t pleat_output_rank(const pleat_predictor* predictor, size_t index) {
  const TensorInfo* info = output_info(predictor, index);
  return info != nullptr ? info->shape.size() : 0;
}

const int64_t* pleat_output_shape(const pleat_predictor* predictor, size_t index) {
  const TensorInfo* info = output_info(predictor, index);
  return info != nullptr ? info->shape.data() : nullptr;
}

size_t pleat_output_bytes(const pleat_predictor* predictor, size_t index) {
  const TensorInfo* info = output_info(predictor, index);
  return info != nullptr ? info->bytes : 0;
}

const void* pleat_output_data(const pleat_predictor* predictor, size_t index) {
  return predictor != nullptr ? predictor->predictor.output_data(index) : nullptr;
}

int pleat_run(pleat_predictor* predictor, char** error) {
  if (predictor == nullptr) return report({Outcome::Code::kUsage, "no predictor was given"}, error);
  return report(predictor->predictor.run(), error);
}

const char* pleat_metadata(const pleat_predictor* predictor, const char* key) {
  if (predictor == nullptr || key == nullptr) return nullptr;
  try {
    const std::string* value = predictor->predictor.metadata(key);
    return value != nullptr ? value->c_str() : nullptr;
  } catch (const std::exception&) {
    return nullptr;
  }
}

void pleat_free(char* message) { std::free(message); }
