#include "converter/fold/axis_affine.h"

#include <algorithm>
#include <cmath>

#include "runtime/base/check.h"

namespace pleat {
namespace {

std::size_t count_of(const std::vector<std::int64_t>& extents) {
  std::size_t count = 1;
  for (const std::int64_t extent : extents) count *= static_cast<std::size_t>(extent);
  return count;
}

bool same(DoubleDouble a, DoubleDouble b) { return a.hi == b.hi && a.lo == b.lo; }

/// Walks the elements of `extents` and tells, for each, the element of `map` that lies there.
class Walker {
 public:
  Walker(const std::vector<std::int64_t>& extents, const AxisAffine& map) : extents_(extents), at_(extents.size(), 0) {
    steps_.resize(extents.size(), 0);
    std::size_t step = 1;
    for (std::size_t axis = map.extents.size(); axis-- > 0;) {
      if (axis < steps_.size() && map.extents[axis] != 1) steps_[axis] = step;
      step *= static_cast<std::size_t>(map.extents[axis]);
    }
  }

  std::size_t element() const { return element_; }
  void next() {
    for (std::size_t axis = extents_.size(); axis-- > 0;) {
      element_ += steps_[axis];
      if (++at_[axis] < extents_[axis]) return;
      element_ -= steps_[axis] * static_cast<std::size_t>(at_[axis]);
      at_[axis] = 0;
    }
  }
  std::int64_t at(std::size_t axis) const { return at_[axis]; }

 private:
  const std::vector<std::int64_t>& extents_;
  std::vector<std::int64_t> at_;
  std::vector<std::size_t> steps_;
  std::size_t element_ = 0;
};

void take(AxisAffine& to, const AxisAffine& from, std::size_t element) {
  to.scale.push_back(from.scale[element]);
  to.shift.push_back(from.shift[element]);
  to.shift_terms.push_back(from.shift_terms[element]);
}

/// The elements of `map` along the extents of `like`, one by one.
AxisAffine laid_out(const AxisAffine& map, std::vector<std::int64_t> extents) {
  AxisAffine out;
  out.extents = std::move(extents);
  Walker walker(out.extents, map);
  for (std::size_t i = 0; i < count_of(out.extents); ++i, walker.next()) take(out, map, walker.element());
  return out;
}

bool constant_along(const AxisAffine& map, std::size_t axis) {
  const auto extent = static_cast<std::size_t>(map.extents[axis]);
  if (extent == 0) return false;
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < map.extents.size(); ++i) inner *= static_cast<std::size_t>(map.extents[i]);
  for (std::size_t i = 0; i < map.scale.size(); ++i) {
    const std::size_t first = i - i / inner % extent * inner;
    if (!same(map.scale[i], map.scale[first]) || !same(map.shift[i], map.shift[first])) return false;
  }
  return true;
}

}  // namespace

AxisAffine AxisAffine::uniform(DoubleDouble scale, DoubleDouble shift) {
  return {{}, {scale}, {shift}, {std::fabs(shift.hi)}};
}

AxisAffine AxisAffine::per_channel(const Affine& affine) {
  return {{1, static_cast<std::int64_t>(affine.channels())}, affine.scale, affine.shift, affine.shift_terms};
}

bool AxisAffine::varies_only(std::size_t axis) const {
  for (std::size_t i = 0; i < extents.size(); ++i)
    if (i != axis && extents[i] != 1) return false;
  return true;
}

bool AxisAffine::shifts() const {
  return std::ranges::any_of(shift, [](DoubleDouble t) { return t.hi != 0; });
}

bool AxisAffine::keeps_order() const {
  return std::ranges::all_of(scale, [](DoubleDouble s) { return s.hi >= 0; });
}

bool AxisAffine::is_finite() const {
  const auto finite = [](DoubleDouble v) { return std::isfinite(v.hi); };
  return std::ranges::all_of(scale, finite) && std::ranges::all_of(shift, finite);
}

std::optional<AxisAffine> compose(const AxisAffine& first, const AxisAffine& second) {
  AxisAffine both;
  for (std::size_t axis = 0; axis < std::max(first.extents.size(), second.extents.size()); ++axis) {
    const std::int64_t a = first.extent(axis);
    const std::int64_t b = second.extent(axis);
    if (a != b && a != 1 && b != 1) return std::nullopt;
    both.extents.push_back(a == 1 ? b : a);
  }
  Walker one(both.extents, first);
  Walker two(both.extents, second);
  for (std::size_t i = 0; i < count_of(both.extents); ++i, one.next(), two.next()) {
    const std::size_t a = one.element();
    const std::size_t b = two.element();
    both.scale.push_back(second.scale[b] * first.scale[a]);
    both.shift.push_back(second.scale[b] * first.shift[a] + second.shift[b]);
    both.shift_terms.push_back(std::fabs(second.scale[b].hi) * first.shift_terms[a] + second.shift_terms[b]);
  }
  return both;
}

AxisAffine inverse(const AxisAffine& map) {
  AxisAffine out = map;
  for (std::size_t i = 0; i < map.scale.size(); ++i) {
    out.scale[i] = DoubleDouble(1.0) / map.scale[i];
    out.shift[i] = -map.shift[i] / map.scale[i];
    out.shift_terms[i] = map.shift_terms[i] / std::fabs(map.scale[i].hi);
  }
  return out;
}

AxisAffine without_shift(AxisAffine map) {
  std::ranges::fill(map.shift, DoubleDouble());
  std::ranges::fill(map.shift_terms, 0.0);
  return map;
}

AxisAffine permuted(const AxisAffine& map, std::span<const std::size_t> from) {
  std::vector<std::int64_t> extents;
  std::vector<std::size_t> to(std::max(from.size(), map.extents.size()), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    extents.push_back(map.extent(from[i]));
    to[from[i]] = i;
  }
  AxisAffine out;
  out.extents = extents;
  std::vector<std::size_t> steps(map.extents.size(), 0);
  std::size_t step = 1;
  for (std::size_t axis = map.extents.size(); axis-- > 0;) {
    steps[axis] = step;
    step *= static_cast<std::size_t>(map.extents[axis]);
  }
  AxisAffine flat;
  Walker walker(out.extents, flat);
  for (std::size_t i = 0; i < count_of(out.extents); ++i, walker.next()) {
    std::size_t element = 0;
    for (std::size_t axis = 0; axis < map.extents.size(); ++axis)
      if (map.extents[axis] != 1) element += steps[axis] * static_cast<std::size_t>(walker.at(to[axis]));
    take(out, map, element);
  }
  return out;
}

AxisAffine gathered(const AxisAffine& map, std::size_t axis, std::span<const std::int64_t> from) {
  PLEAT_CHECK(map.varies(axis));
  AxisAffine out;
  out.extents = map.extents;
  out.extents[axis] = static_cast<std::int64_t>(from.size());
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < map.extents.size(); ++i) inner *= static_cast<std::size_t>(map.extents[i]);
  const std::size_t block = inner * static_cast<std::size_t>(map.extents[axis]);
  for (std::size_t outer = 0; outer < map.scale.size(); outer += block)
    for (const std::int64_t position : from)
      for (std::size_t i = 0; i < inner; ++i) take(out, map, outer + static_cast<std::size_t>(position) * inner + i);
  return out;
}

AxisAffine scattered(const AxisAffine& map, std::size_t axis, std::int64_t size, std::span<const std::int64_t> to) {
  PLEAT_CHECK(map.varies(axis) && static_cast<std::int64_t>(to.size()) == map.extents[axis]);
  std::vector<std::int64_t> from(static_cast<std::size_t>(size), 0);
  std::vector<bool> given(from.size(), false);
  for (std::size_t p = 0; p < to.size(); ++p) {
    from[static_cast<std::size_t>(to[p])] = static_cast<std::int64_t>(p);
    given[static_cast<std::size_t>(to[p])] = true;
  }
  AxisAffine out = gathered(map, axis, from);
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < out.extents.size(); ++i) inner *= static_cast<std::size_t>(out.extents[i]);
  for (std::size_t i = 0; i < out.scale.size(); ++i) {
    if (given[i / inner % from.size()]) continue;
    out.scale[i] = 1.0;
    out.shift[i] = 0.0;
    out.shift_terms[i] = 0;
  }
  return out;
}

bool has_extents(const AxisAffine& map, const std::vector<std::int64_t>& extents) {
  return count_of(extents) == map.scale.size();
}

AxisAffine with_extents(AxisAffine map, std::vector<std::int64_t> extents) {
  PLEAT_CHECK(has_extents(map, extents));
  map.extents = std::move(extents);
  for (std::size_t axis = 0; axis < map.extents.size(); ++axis) {
    if (map.extents[axis] == 1 || !constant_along(map, axis)) continue;
    const std::int64_t first = 0;
    map = gathered(map, axis, {&first, 1});
  }
  return map;
}

AxisAffine spread(const AxisAffine& map, std::size_t first, std::span<const std::int64_t> sizes) {
  std::vector<std::int64_t> extents = map.extents;
  extents.resize(std::max(extents.size(), first + sizes.size()), 1);
  std::copy(sizes.begin(), sizes.end(), extents.begin() + static_cast<std::ptrdiff_t>(first));
  return laid_out(map, std::move(extents));
}

}  // namespace pleat
