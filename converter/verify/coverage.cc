#include "converter/verify/coverage.h"

#include <algorithm>
#include <utility>

namespace pleat {

template <class T>
void CoverageCounter::watch(Channels& channels, const T* values, const Shape& shape, int axis) {
  const bool whole = axis < 0 || axis >= shape.rank();
  const auto count = static_cast<std::size_t>(whole ? 1 : shape[axis]);
  const auto inner = static_cast<std::size_t>(whole ? shape.elements() : shape.elements(axis + 1, shape.rank()));
  const auto outer = static_cast<std::size_t>(whole ? 1 : shape.elements(0, axis));
  if (count == 0 || inner == 0 || outer == 0) return;
  if (channels.first.empty()) {
    for (std::size_t c = 0; c < count; ++c) channels.first.push_back(static_cast<double>(values[c * inner]));
    channels.alive.assign(count, false);
    channels.dead = count;
  }
  if (channels.dead == 0 || channels.first.size() != count) return;
  for (std::size_t block = 0; block < outer * count; ++block) {
    const std::size_t c = block % count;
    if (channels.alive[c]) continue;
    const T* begin = values + block * inner;
    const auto first = static_cast<T>(channels.first[c]);
    const bool moved = std::any_of(begin, begin + inner, [first](T value) { return value != first; });
    if (!moved) continue;
    channels.alive[c] = true;
    if (--channels.dead == 0) return;
  }
}

void CoverageCounter::see(const std::string& name, const Tensor& value, int axis) {
  const auto [known, fresh] = channels_.try_emplace(name);
  if (fresh) names_.push_back(name);
  if (value.dtype() == DType::kFloat) watch(known->second, value.data<float>().data(), value.shape(), axis);
  if (value.dtype() == DType::kDouble) watch(known->second, value.data<double>().data(), value.shape(), axis);
}

std::vector<Coverage> CoverageCounter::take() {
  std::vector<Coverage> taken;
  for (const std::string& name : names_) {
    const Channels& channels = channels_.at(name);
    Coverage coverage;
    coverage.batch_norm = name;
    coverage.channels = static_cast<std::int64_t>(channels.alive.size());
    for (std::size_t c = 0; c < channels.alive.size(); ++c)
      if (!channels.alive[c]) coverage.never_alive.push_back(static_cast<std::int64_t>(c));
    taken.push_back(std::move(coverage));
  }
  names_.clear();
  channels_.clear();
  return taken;
}

}  // namespace pleat
