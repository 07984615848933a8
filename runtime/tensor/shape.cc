#include "runtime/tensor/shape.h"

#include <algorithm>
#include <limits>

namespace pleat {

std::int64_t Shape::elements(int first, int last) const {
  std::int64_t product = 1;
  for (int axis = first; axis < last; ++axis) product *= (*this)[axis];
  return product;
}

std::vector<std::int64_t> Shape::strides() const {
  std::vector<std::int64_t> strides(dims_.size());
  std::int64_t step = 1;
  for (int axis = rank() - 1; axis >= 0; --axis) {
    strides[static_cast<std::size_t>(axis)] = step;
    step *= (*this)[axis];
  }
  return strides;
}

std::string Shape::text() const {
  std::string out = "[";
  for (int axis = 0; axis < rank(); ++axis) out += (axis > 0 ? "," : "") + std::to_string((*this)[axis]);
  return out + "]";
}

Result<std::int64_t> checked_elements(std::span<const std::int64_t> dims, std::size_t element_size) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::int64_t count = 1;
  std::int64_t bytes = static_cast<std::int64_t>(std::max<std::size_t>(1, element_size));
  bool empty = false;
  for (std::int64_t dim : dims) {
    if (dim < 0) return fail(Error::invalid("negative size in a shape").saw(Shape({dims.begin(), dims.end()}).text()));
    empty = empty || dim == 0;
    if (dim == 0) continue;
    if (bytes > kMost / dim)
      return fail(Error::resource("shape too large to address").saw(Shape({dims.begin(), dims.end()}).text()));
    bytes *= dim;
    count *= dim;
  }
  return empty ? 0 : count;
}

Result<Shape> broadcast(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  std::vector<std::int64_t> dims(static_cast<std::size_t>(rank));
  for (int i = 1; i <= rank; ++i) {
    const std::int64_t x = i <= a.rank() ? a[a.rank() - i] : 1;
    const std::int64_t y = i <= b.rank() ? b[b.rank() - i] : 1;
    if (x != y && x != 1 && y != 1)
      return fail(Error::invalid("shapes do not broadcast together").saw(a.text() + " and " + b.text()));
    dims[static_cast<std::size_t>(rank - i)] = x == 1 ? y : x;
  }
  return Shape(std::move(dims));
}

Result<int> normalize_axis(std::int64_t axis, int rank) {
  if (axis < -rank || axis >= rank)
    return fail(Error::invalid("axis out of range")
                    .expect("between " + std::to_string(-rank) + " and " + std::to_string(rank - 1))
                    .saw(std::to_string(axis)));
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

}  // namespace pleat
