#pragma once

#include <deque>
#include <memory>
#include <string>

#include "runtime/graph/model.h"
#include "runtime/onnx/tensor_reader.h"

namespace pleat::wire {

/// What the views of one model point into: the file, and messages that had to be encoded anew.
struct Kept {
  std::shared_ptr<const void> file;
  std::deque<std::string> rewritten;
};

OpsetImport read_opset(Fields fields);

/// Turns encoded graphs and functions into Graph and Function. Throws Malformed.
class GraphReader {
 public:
  /// `in_file`: large float initializers may stay unaligned in the file (Tensor::in_file).
  GraphReader(std::shared_ptr<Kept> kept, const std::string& path, bool in_file)
      : kept_(std::move(kept)), external_(path), in_file_(in_file) {}

  /// Adds the fields to `graph`, which lies `depth` graphs deep.
  void merge(Fields fields, Graph& graph, int depth = 0);
  Function function(Fields fields);

 private:
  Node node(Fields fields, int depth);
  Attribute attribute(Fields fields, int depth);
  Initializer initializer(Fields fields);
  ValueInfo value_info(Fields fields);

  /// What an element type that is not modelled has in its file; valid as long as this reader.
  std::string_view all_external_bytes(const TensorParts& parts);
  std::string_view keep(std::string message) { return kept_->rewritten.emplace_back(std::move(message)); }

  std::shared_ptr<Kept> kept_;
  ExternalData external_;
  bool in_file_;
};

}  // namespace pleat::wire
