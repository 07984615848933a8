#pragma once

#include "models/checkpoint/checkpoint.h"
#include "models/zoo/network.h"

namespace pleat {

/// Every parameter and statistic of the network as float32 under PyTorch's names ("1.running_var"; layer i owns "i.*"),
/// num_batches_tracked as int64, and the metadata "architecture" and "format".
template <class T>
Checkpoint to_checkpoint(Network<T>& network);

/// The network a checkpoint holds. Fails, naming the tensor, where one lacks, is superfluous, or has another shape or
/// type than the architecture says; num_batches_tracked may lack.
template <class T>
Result<Network<T>> from_checkpoint(const Checkpoint& checkpoint);

}  // namespace pleat
