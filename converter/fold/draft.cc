#include "converter/fold/draft.h"

#include <fmt/format.h>

namespace pleat {

Draft::Draft(const FoldContext& context) : context_(&context) {
  const std::vector<std::string> names = all_names(context.model.graph);
  taken_ = std::make_shared<const std::set<std::string>>(names.begin(), names.end());
}

Node& Draft::replaced(std::size_t position) {
  return replaced_.try_emplace(position, context_->node(position)).first->second;
}

void Draft::remove(std::size_t position) {
  replaced_.erase(position);
  removed_.insert(position);
}

void Draft::insert_after(std::size_t position, Node node) { inserted_.emplace_back(position, std::move(node)); }

std::string Draft::fresh(const std::string& wanted) {
  std::string name = wanted;
  for (int i = 1; name.empty() || taken_->contains(name) || fresh_.contains(name); ++i)
    name = wanted + "_" + std::to_string(i);
  fresh_.insert(name);
  return name;
}

Attempt<std::string> Draft::add_constant(const std::string& wanted, ExactConstant constant) {
  auto rounded = round_once(constant, context_->options.flush_subnormals);
  if (!rounded) return refuse("F28", rounded.error().what);
  if (rounded->not_finite > 0)
    return refuse("F28",
                  fmt::format("{} values of '{}', the largest {:.4g}, would not fit {}", rounded->not_finite, wanted,
                              rounded->largest, dtype_name(constant.dtype)),
                  "keep the layer in a wider type");
  flushed += rounded->flushed;
  std::string name = fresh(wanted);
  initializers_.push_back({name, std::move(rounded->tensor), {}, {}});
  constants_.emplace(name, std::move(constant));
  return name;
}

std::int64_t Draft::saved_nodes() const {
  return static_cast<std::int64_t>(removed_.size()) - static_cast<std::int64_t>(inserted_.size());
}

Draft::Finished Draft::finish(std::string reason) && {
  Finished finished;
  finished.patch.reason = std::move(reason);
  finished.patch.remove_nodes.assign(removed_.begin(), removed_.end());
  finished.patch.replace_nodes.assign(std::make_move_iterator(replaced_.begin()),
                                      std::make_move_iterator(replaced_.end()));
  finished.patch.insert_nodes = std::move(inserted_);
  finished.patch.add_initializers = std::move(initializers_);
  finished.constants = std::move(constants_);
  return finished;
}

std::string name_of(const Node& node) {
  if (!node.name.empty() || node.outputs.empty()) return node.name;
  return node.outputs[0];
}

}  // namespace pleat
