#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/image/preprocess.h"
#include "runtime/image/top_k.h"
#include "runtime/session/session.h"

namespace pleat::cli {

/// A model with one image input and one row of class scores, ready to answer.
class Classifier {
 public:
  /// `batch` images at a time, which a model with a fixed batch may not allow.
  static Result<Classifier> open(const std::string& path, PlanOptions options, std::int64_t batch = 1);

  ImageInput& image_input() { return image_input_; }
  const std::vector<std::string>& labels() const { return labels_; }
  Session& session() { return *session_; }

  /// The best classes of the first image of the last run.
  Result<std::vector<Score>> best(std::size_t count) const;

  /// The scores of every image of the last run, `classes()` each.
  std::span<const float> scores() const;
  std::size_t classes() const;

 private:
  std::unique_ptr<Session> session_;
  ImageInput image_input_;
  std::vector<std::string> labels_;
  bool probabilities_ = false;  ///< the model ends in Softmax
};

}  // namespace pleat::cli
