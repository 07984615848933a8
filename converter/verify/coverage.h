#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "converter/verify/verdict.h"
#include "runtime/tensor/tensor.h"

namespace pleat {

/// Watches which channels of some values ever take another value than the first one seen: a channel that never does is
/// not tested by the samples. Not for several threads at once.
class CoverageCounter {
 public:
  /// `value` of a region's output in one run, channels along `axis` (a tensor of lower rank is one channel). `name`
  /// becomes Coverage::batch_norm. Float and double; other types are not counted.
  void see(const std::string& name, const Tensor& value, int axis = 1);

  /// In the order in which the names were first seen; the counter is empty afterwards.
  std::vector<Coverage> take();

 private:
  struct Channels {
    std::vector<double> first;
    std::vector<bool> alive;
    std::size_t dead = 0;  ///< channels not yet alive
  };
  template <class T>
  static void watch(Channels& channels, const T* values, const Shape& shape, int axis);

  std::vector<std::string> names_;
  std::map<std::string, Channels> channels_;
};

}  // namespace pleat
