#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/graph/fresh_names.h"
#include "runtime/graph/model.h"

namespace pleat {

/// One call of one model-local function: turns the nodes of the function's body into nodes of the caller. The node,
/// the function and the names must outlive it.
class FunctionCall {
 public:
  FunctionCall(const Node& node, const Function& function, FreshNames& names);

  /// Gives the function's inputs and outputs the call's names; to be called first. kInvalid where they do not fit.
  Status bind();

  /// The node of the body as it stands at the caller's; in the order of the body.
  Result<Node> translate(const Node& body) { return translate(body, scope_); }

  /// After the body: copies for outputs that are inputs of the function or stand twice among its outputs.
  Result<std::vector<Node>> copies() const;

  /// After the body: what is known about the values it keeps to itself.
  std::vector<ValueInfo> value_info() const;

 private:
  /// What the names of a body, or of a graph inside it, are called at the caller's.
  struct Scope {
    const Scope* outer = nullptr;
    std::unordered_map<std::string, std::string> names = {};
  };

  Status check_fit() const;
  static const std::string& lookup(const std::string& name, const Scope& scope);
  Result<std::string> present(const std::string& name, const Scope& scope) const;
  const std::string& define(const std::string& name, Scope& scope);
  Result<Node> translate(const Node& body, Scope& scope);
  Result<std::shared_ptr<Graph>> translate(const Graph& body, const Scope& outer);
  Status add_referred(const Attribute& reference, std::vector<Attribute>& attributes);

  const Node& node_;
  const Function& function_;
  FreshNames& names_;
  std::string prefix_;
  Scope scope_;
  std::vector<std::size_t> handed_on_;  ///< positions of outputs that need a copy
};

}  // namespace pleat
