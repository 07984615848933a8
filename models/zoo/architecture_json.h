#pragma once

#include "models/checkpoint/architecture.h"
#include "models/zoo/network.h"

namespace pleat {

/// The network's card and layers as "pleat.architecture/1", which parse_architecture reads. Equal networks give
/// equal text.
template <class T>
std::string architecture_json(const Network<T>& network);

/// The network an architecture describes, with parameters at their plain start: zeros, and ones for the weight of
/// batch normalization. Fails with kUnsupported on layers without bias or momentum, which training does not know.
template <class T>
Result<Network<T>> build_network(const Architecture& architecture);

}  // namespace pleat
