// Times ONNX Runtime with input and output bound to memory of ours. Settings: no-spin, flush (denormals to zero).

#include "tests/peers/bench/contest.h"
#include "tests/peers/bench/onnxruntime_abi.h"

namespace ort = onnxruntime;

int main(int argc, char** argv) {
  contest::Task task = contest::read_task(argc, argv);
  const ort::Api api;
  const auto check = [&](ort::Status status) {
    if (status != nullptr) contest::give_up(api.message(status));
  };
  std::vector<float> output(task.reference.values.size());

  const double start = contest::microseconds();
  ort::Object environment{}, options{}, session{};
  check(api.call(ort::kCreateEnv, ort::kErrorsOnly, "contest", &environment));
  check(api.call(ort::kCreateSessionOptions, &options));
  check(api.call(ort::kSetIntraOpThreads, options, task.threads));
  check(api.call(ort::kSetInterOpThreads, options, 1));
  check(api.call(ort::kSetGraphOptimizationLevel, options, ort::kAllOptimizations));
  if (task.settings.count("no-spin") > 0)
    check(api.call(ort::kAddSessionConfigEntry, options, "session.intra_op.allow_spinning", "0"));
  if (task.settings.count("flush") > 0)
    check(api.call(ort::kAddSessionConfigEntry, options, "session.set_denormal_as_zero", "1"));
  check(api.call(ort::kCreateSession, environment, task.model.c_str(), options, &session));
  const double load_ms = (contest::microseconds() - start) / 1e3;

  ort::Object memory{}, input_value{}, output_value{}, run_options{}, binding{};
  const auto tensor = [&](std::vector<float>& values, const std::vector<std::int64_t>& shape, ort::Object* value) {
    check(api.call(ort::kCreateTensorWithData, memory, static_cast<void*>(values.data()), values.size() * sizeof(float),
                   shape.data(), shape.size(), ort::kFloat, value));
  };
  check(api.call(ort::kCreateCpuMemoryInfo, 0, 0, &memory));
  tensor(task.input, task.input_shape, &input_value);
  tensor(output, task.reference.shape, &output_value);
  check(api.call(ort::kCreateRunOptions, &run_options));
  check(api.call(ort::kCreateIoBinding, session, &binding));
  check(api.call(ort::kBindInput, binding, task.input_name.c_str(), input_value));
  check(api.call(ort::kBindOutput, binding, task.output_name.c_str(), output_value));
  contest::measure(
      task, ort::Api::version(), load_ms, [&] { check(api.call(ort::kRunWithBinding, session, run_options, binding)); },
      [&] { return output.data(); });
}
