#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/ops/op.h"

namespace pleat {

/// Every operator the runtime knows. Filled once from a list that the build generates out of the file names in
/// runtime/ops: `conv.cc` defines `void register_conv(OpRegistry&)`.
class OpRegistry {
 public:
  static const OpRegistry& instance();

  void add(std::string_view op_type, MakeOperator maker, std::string_view domain = {});

  /// The operator for `node` under the imported opset version of its domain. Unknown ones give kUnsupported.
  Result<std::unique_ptr<Operator>> make(const Node& node, std::int64_t opset) const;
  bool knows(const Node& node) const;
  static Error unknown(const Node& node);  ///< what to say of a node that is not known
  std::vector<std::string> names() const;

 private:
  struct Entry {
    std::string_view domain;
    std::string_view op_type;
    MakeOperator make;
  };
  std::vector<Entry> entries_;
};

void register_all_ops(OpRegistry& registry);

}  // namespace pleat
