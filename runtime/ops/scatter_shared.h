#pragma once

#include "runtime/graph/attributes.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"

namespace pleat {

/// What an update does to the element it falls on.
enum class ScatterReduction { kNone, kAdd, kMul, kMax, kMin };

/// The attribute `reduction`: none always, add and mul from opset 16, max and min from 18.
Result<ScatterReduction> read_reduction(AttributeReader& reader, std::int64_t opset);

/// Elements that can be moved, and numbers where the reduction computes with them.
Status expect_reducible(const Fact& data, ScatterReduction reduction);

template <class T>
T apply_update(ScatterReduction reduction, T held, T update) {
  switch (reduction) {
    case ScatterReduction::kAdd: return wrapping_sum(held, update);
    case ScatterReduction::kMul: return wrapping_product(held, update);
    case ScatterReduction::kMax: return update > held ? update : held;
    case ScatterReduction::kMin: return update < held ? update : held;
    case ScatterReduction::kNone: break;
  }
  return update;
}

}  // namespace pleat
