#pragma once

#include "runtime/ops/op.h"

namespace pleat {

/// Where along an axis the greatest (or least) element stands, as int64; among equals the first, or from opset 12 the
/// last where `select_last_index` says so.
Result<std::unique_ptr<Operator>> make_arg(bool greatest, const Node& node, std::int64_t opset);

}  // namespace pleat
