#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "converter/verify/plain_tolerance.h"
#include "converter/verify/verdict.h"
#include "runtime/tensor/tensor.h"

namespace pleat {

/// One value of both networks, compared with the same value in double over one sample set. A batch is worked through
/// in this order: begin, measure, add_noise where needed, end; `differ` at any time.
class ValueFigures {
 public:
  ValueFigures(std::string output, std::string samples);

  /// Takes the values of one batch. They must be of one shape; kCheckFailed tells where they are not.
  Status begin(const Tensor& unfolded, const Tensor& folded, const Tensor& truth, std::int64_t batch);

  /// Whether some element is not finite in one network only, though it is in double.
  bool overflows() const { return overflows_; }

  /// Errors of this batch. `folded_in_double`, given where `overflows`, tells whether the sums merely overflow in
  /// another order: then the folded network in double is as good as the unfolded one.
  void measure(double last_bound, const Tensor* folded_in_double);

  bool exceeds() const { return figures_.folded_error > figures_.allowed; }

  /// The noise of this batch: mean squares of perturbed runs per element, and the roundings that these do not know of.
  void add_noise(std::span<const double> mean_squares, int roundings);

  /// Counts the ratios, and lets the batch go.
  void end();

  /// Differences of the outputs as their users see them. Elements that do not agree by `plain` are counted.
  void differ(const Tensor& unfolded, const Tensor& folded, const std::optional<PlainTolerance>& plain,
              std::int64_t batch);

  const OutputFigures& figures() const { return figures_; }
  const Finding& worst() const { return worst_; }  ///< where e_F was met
  const std::optional<Finding>& class_failure() const { return class_failure_; }
  const std::optional<Finding>& plain_failure() const { return plain_failure_; }  ///< the first
  std::int64_t overflow_order() const { return overflow_order_; }

 private:
  Finding finding(const char* what, std::size_t element, double unfolded, double folded, double truth) const;
  void compare_bits(const Tensor& unfolded, const Tensor& folded);
  void compare_classes(std::size_t i, const std::vector<double>* folded_in_double);
  void allow();

  OutputFigures figures_;
  Finding worst_;
  std::optional<Finding> class_failure_, plain_failure_;
  std::int64_t overflow_order_ = 0;
  double sum_of_differences_ = 0;
  std::int64_t differences_ = 0;

  std::int64_t batch_ = 0;
  bool overflows_ = false;
  double unit_roundoff_ = 0;
  std::vector<double> unfolded_, folded_, truth_;  ///< of the batch at hand; empty for whole numbers
};

}  // namespace pleat
