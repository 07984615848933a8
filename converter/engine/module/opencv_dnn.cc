#include "converter/engine/module/opencv_dnn.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/core/version.hpp>
#include <opencv2/dnn.hpp>
#include <string>
#include <vector>

namespace {

void tell(const std::string& text, char* message, size_t capacity) {
  const size_t length = std::min(text.size(), capacity - 1);
  std::memcpy(message, text.data(), length);
  message[length] = '\0';
}

/// Calls `body`; what it throws becomes the message.
template <class Body>
bool guarded(char* message, size_t capacity, Body&& body) {
  try {
    body();
    return true;
  } catch (const cv::Exception& problem) {
    tell(problem.err, message, capacity);
  } catch (const std::exception& problem) {
    tell(problem.what(), message, capacity);
  } catch (...) {
    tell("it failed without a reason", message, capacity);
  }
  return false;
}

cv::Mat blob(const pleat_dnn_value& value) {
  std::vector<int> sizes(value.sizes, value.sizes + value.rank);
  return cv::Mat(sizes, CV_32F, const_cast<float*>(value.values)).clone();
}

}  // namespace

const char* pleat_dnn_version() { return CV_VERSION; }

void* pleat_dnn_open(const char* onnx, size_t size, char* message, size_t capacity) {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  cv::dnn::Net* network = nullptr;
  guarded(message, capacity, [&] {
    cv::dnn::Net read = cv::dnn::readNetFromONNX(onnx, size);
    if (read.empty()) CV_Error(cv::Error::StsError, "the network is empty");
    read.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    read.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    network = new cv::dnn::Net(read);
  });
  return network;
}

void pleat_dnn_close(void* network) { delete static_cast<cv::dnn::Net*>(network); }

bool pleat_dnn_run(void* network, const pleat_dnn_value* inputs, size_t input_count, const char* const* outputs,
                   size_t output_count, pleat_dnn_take take, void* context, char* message, size_t capacity) {
  return guarded(message, capacity, [&] {
    auto& net = *static_cast<cv::dnn::Net*>(network);
    for (size_t i = 0; i < input_count; ++i) net.setInput(blob(inputs[i]), inputs[i].name);
    std::vector<cv::Mat> made;
    net.forward(made, std::vector<cv::String>(outputs, outputs + output_count));
    if (made.size() != output_count) CV_Error(cv::Error::StsError, "it gives another number of outputs");
    for (size_t i = 0; i < made.size(); ++i) {
      const cv::Mat dense = made[i].isContinuous() ? made[i] : made[i].clone();
      if (dense.type() != CV_32F) CV_Error(cv::Error::StsError, "an output is not of float");
      take(context, i, dense.dims, dense.size.p, dense.ptr<float>());
    }
  });
}
