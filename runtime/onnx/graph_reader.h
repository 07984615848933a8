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

/// Turns encoded graphs into Graph. Throws Malformed.
class GraphReader {
 public:
  GraphReader(std::shared_ptr<Kept> kept, const std::string& path) : kept_(std::move(kept)), external_(path) {}

  /// Adds the fields to `graph`, which lies `depth` graphs deep.
  void merge(Fields fields, Graph& graph, int depth = 0);

 private:
  Node node(Fields fields, int depth);
  Attribute attribute(Fields fields, int depth);
  Initializer initializer(Fields fields);
  ValueInfo value_info(Fields fields);

  std::shared_ptr<Kept> kept_;
  ExternalData external_;
};

}  // namespace pleat::wire
