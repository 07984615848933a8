#pragma once

#include <span>
#include <string_view>

#include "runtime/passes/plan_draft.h"

namespace pleat {

/// A rewrite of a draft that leaves every output as it was, in every bit but for Winograd's.
struct Pass {
  std::string_view name;
  Status (*run)(PlanDraft& draft);
};

/// All passes in the order in which they run.
std::span<const Pass> all_passes();

/// Steps that hand on their input unchanged (Identity, Dropout …) go.
Status skip_identities(PlanDraft& draft);
/// Splits, slices and shuffles of channels become gathers from in front of the joins before them.
Status join_channel_moves(PlanDraft& draft);
/// A product of a value and a sigmoid of it becomes one function.
Status join_functions(PlanDraft& draft);
/// GELU written out by the error function becomes one function with the same roundings.
Status join_gelus(PlanDraft& draft);
/// Layer normalisations written out become one operator with the same roundings.
Status join_layer_norms(PlanDraft& draft);
/// Additions and functions of one value join the operator that makes it.
Status fuse_epilogues(PlanDraft& draft);
/// Convolutions and what lies between them work on NCHW16c planes; conversions become steps.
Status choose_layouts(PlanDraft& draft);
/// Convolutions whose shape gains by it compute by Winograd's algorithm.
Status choose_winograd(PlanDraft& draft);
/// A convolution and the depthwise one or the MaxPool that alone reads it become one step that works band by band, and
/// so do an operator pixel by pixel and the 1×1 convolution that alone reads it.
Status join_bands(PlanDraft& draft);

}  // namespace pleat
