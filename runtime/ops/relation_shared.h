#pragma once

#include "runtime/ops/op.h"

namespace pleat {

/// Relations of two inputs of one type, which broadcast (see BroadcastPair); the output is bool.
enum class Relation { kEqual, kGreater, kGreaterOrEqual, kLess, kLessOrEqual, kAnd, kOr, kXor };

/// Numbers for the orders, numbers and bool for kEqual, bool for the logic.
Result<std::unique_ptr<Operator>> make_relation(Relation relation, const Node& node, std::int64_t opset);

}  // namespace pleat
