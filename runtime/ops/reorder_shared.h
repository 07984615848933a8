#pragma once

#include "runtime/ops/op.h"

namespace pleat {

/// The same sizes as row-major planes without a halo: how a float tensor [N,C,H,W] lies where nothing else is said.
Planes row_major_planes(const Planes& planes);

/// A float tensor [N,C,H,W] or [N,C,W] as planes, row-major.
std::optional<Planes> planes_of(const Fact& fact);

/// A step that copies planes from one layout to another of the same sizes. No ONNX operator: planning makes it.
std::unique_ptr<Operator> make_reorder(const Planes& from, const Planes& to);

}  // namespace pleat
