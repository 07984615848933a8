#pragma once

#include <map>
#include <memory>
#include <optional>

#include "converter/verify/bound.h"

namespace pleat {

/// What a weight can do to the difference of its inputs: over the positions of one axis, the largest sum of the
/// absolute values of all other elements, and how many values too small for their type one such sum can hold.
struct RowFacts {
  double sum = 0;
  double tiny = 0;
};

/// A constant operand as the bound needs it.
struct BoundedConstant {
  Tensor tensor;
  double roundings = 0;  ///< met while it was computed from other constants
  bool fresh = false;    ///< rounded when stored
  bool zeros_are_exact = true;
  std::shared_ptr<std::map<int, RowFacts>> facts =
      std::make_shared<std::map<int, RowFacts>>();  ///< by axis, once known
};

/// One node of a region, its constants and what is known of its data.
struct BoundedNode {
  const Node& node;
  std::int64_t opset;
  const std::map<std::string, BoundedConstant>& constants;
  const std::map<std::string, RoundingCount>* data = nullptr;  ///< null while only the form is judged
  const Shapes* shapes = nullptr;

  bool present(std::size_t input) const { return input < node.inputs.size() && !node.inputs[input].empty(); }
  const BoundedConstant* constant(std::size_t input) const;
  /// The count of an operand that is added: of data, or of a constant as such.
  RoundingCount term(std::size_t input) const;
  const Shape& shape(const std::string& value) const { return shapes->at(value); }
};

/// How one operator takes part in a region.
struct OperatorBound {
  /// Nothing where the node's operands or attributes leave it linear; else what stands against it.
  std::optional<std::string> (*objection)(const BoundedNode& node);
  /// The count of its outputs.
  RoundingCount (*count)(const BoundedNode& node);
  /// The node on magnitudes.
  void (*magnify)(Node& node);
};

/// Null where no bound is known.
const OperatorBound* operator_bound(const Node& node);

/// Roundings of a node whose operands are all constants, given theirs, `value` being its result in double; nothing
/// where none is known.
std::optional<double> constant_roundings(const BoundedNode& node, const Tensor& value);

}  // namespace pleat
