// Times OpenCV's own network engine on the CPU.

#include <opencv2/core.hpp>
#include <opencv2/core/version.hpp>
#include <opencv2/dnn.hpp>

#include "tests/peers/bench/contest.h"

int main(int argc, char** argv) {
  contest::Task task = contest::read_task(argc, argv);
  cv::setNumThreads(task.threads);
  const std::vector<int> shape(task.input_shape.begin(), task.input_shape.end());
  const cv::Mat input(shape, CV_32F, task.input.data());
  cv::Mat output;
  try {
    const double start = contest::microseconds();
    cv::dnn::Net net = cv::dnn::readNetFromONNX(task.model);
    net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    const double load_ms = (contest::microseconds() - start) / 1e3;
    contest::measure(
        task, CV_VERSION, load_ms,
        [&] {
          net.setInput(input, task.input_name);
          output = net.forward(task.output_name);
        },
        [&] {
          if (output.total() != task.reference.values.size()) contest::give_up("another number of outputs");
          return output.ptr<float>();
        });
  } catch (const cv::Exception& error) {
    contest::give_up(error.what());
  }
}
