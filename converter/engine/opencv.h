#pragma once

#include <string>
#include <vector>

#include "converter/verify/samples.h"

namespace pleat {

/// How far one output of another engine lies from the network in double, over one sample set.
struct EngineFigures {
  std::string output;
  std::string samples;
  std::int64_t compared = 0;
  double difference = 0;              ///< largest |engine − ours|
  double our_error = 0;               ///< largest |ours − double|
  double engine_error = 0;            ///< largest |engine − double|
  double allowed = 0;                 ///< as for a folded network: max(4·our error + T, 8·σ)
  std::int64_t class_mismatches = 0;  ///< NaN or infinity on one side only
};

/// What another engine, which shares no code with this one, says of a model.
struct EngineReport {
  std::string engine;   ///< "OpenCV 4.6.0"
  bool ran = false;     ///< false: `refusal` tells why
  std::string refusal;  ///< in the engine's words
  std::vector<EngineFigures> outputs;

  bool agrees() const;
};

/// Runs `model` on OpenCV's dnn and on our own operators, in its own arithmetic and in double. What OpenCV cannot load
/// or run is told in the report; an error is returned where the model does not run here, or kUnsupported where the
/// module is not installed. OpenCV is old software fed with foreign bytes: exceptions end here, but a crash of its code
/// ends the process, so that programs do well to call this in a process of its own.
Result<EngineReport> compare_with_opencv(const Model& model, const std::vector<SampleSet>& samples, int threads);

}  // namespace pleat
