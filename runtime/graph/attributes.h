#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/graph/model.h"

namespace pleat {

/// Reads a node's attributes by name and type. The first wrong type is remembered; `finish` tells it, or an attribute
/// that nobody asked for: an operator must know all its attributes, a misspelt one must not be ignored in silence.
class AttributeReader {
 public:
  explicit AttributeReader(const Node& node) : node_(node) {}

  bool has(std::string_view name);
  float number(std::string_view name, float otherwise);
  std::int64_t integer(std::string_view name, std::int64_t otherwise);
  std::string text(std::string_view name, std::string otherwise);
  std::vector<std::int64_t> integers(std::string_view name, std::vector<std::int64_t> otherwise = {});
  std::vector<float> numbers(std::string_view name, std::vector<float> otherwise = {});
  std::vector<std::string> texts(std::string_view name, std::vector<std::string> otherwise = {});
  Tensor tensor(std::string_view name);                       ///< an absent one is Tensor{}
  std::shared_ptr<const Graph> graph(std::string_view name);  ///< an absent one is null
  void ignore(std::string_view name);                         ///< known to this operator and without effect here

  Status finish() const;

 private:
  template <class T>
  const T* find(std::string_view name);

  const Node& node_;
  std::set<std::string, std::less<>> asked_;
  Error wrong_ = Error::invalid({});  ///< empty `what`: no wrong type so far
};

}  // namespace pleat
