#include "runtime/passes/passes.h"

namespace pleat {

std::span<const Pass> all_passes() {
  static constexpr Pass kPasses[] = {
      {"skip_identities", skip_identities},
      {"join_channel_moves", join_channel_moves},
      {"join_functions", join_functions},
      {"join_gelus", join_gelus},
      {"join_layer_norms", join_layer_norms},
      {"fuse_epilogues", fuse_epilogues},
      {"choose_layouts", choose_layouts},
      {"choose_winograd", choose_winograd},
      {"join_bands", join_bands},
  };
  return kPasses;
}

}  // namespace pleat
