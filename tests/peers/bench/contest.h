// What the programs that time another engine share: arguments, NumPy files, the timing loop and the JSON line they
// print. The loop and the figures are those of `pleat bench`.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace contest {

[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

/// A little-endian, row-major .npy file of float32 or float64.
struct Array {
  std::vector<std::int64_t> shape;
  std::vector<double> values;
};

inline std::string header_field(const std::string& header, const std::string& key, char open, char close) {
  const std::size_t begin = header.find(open, header.find("'" + key + "':") + key.size() + 3);
  const std::size_t end = header.find(close, begin + 1);
  if (begin == std::string::npos || end == std::string::npos) give_up("no " + key + " in a .npy file");
  return header.substr(begin + 1, end - begin - 1);
}

template <class T>
std::vector<double> widened(const std::string& bytes, std::size_t at, std::size_t count) {
  if (bytes.size() - at < count * sizeof(T)) give_up("a .npy file is cut off");
  std::vector<T> values(count);
  std::memcpy(values.data(), bytes.data() + at, count * sizeof(T));
  return {values.begin(), values.end()};
}

inline Array read_array(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (bytes.compare(0, 6, "\x93NUMPY") != 0 || bytes.size() < 10 || bytes[6] != 1) give_up("not a .npy file: " + path);
  const std::size_t length = static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
  const std::string header = bytes.substr(10, length);
  Array array;
  std::size_t count = 1;
  const std::string sizes = header_field(header, "shape", '(', ')');
  for (const char* at = sizes.c_str(); *at != '\0';) {
    char* end = nullptr;
    const long long size = std::strtoll(at, &end, 10);
    if (end == at) break;
    array.shape.push_back(size);
    count *= static_cast<std::size_t>(size);
    at = end + std::strspn(end, ", ");
  }
  const std::string type = header_field(header, "descr", '\'', '\'');
  if (type == "<f4")
    array.values = widened<float>(bytes, 10 + length, count);
  else if (type == "<f8")
    array.values = widened<double>(bytes, 10 + length, count);
  else
    give_up("neither float32 nor float64: " + path);
  return array;
}

/// PROGRAM MODEL INPUT_NAME INPUT.npy OUTPUT_NAME REFERENCE.npy THREADS WARMUP TIME [SETTING…]; times in seconds.
struct Task {
  std::string model, input_name, output_name;
  std::vector<std::int64_t> input_shape;
  std::vector<float> input;
  Array reference;
  int threads = 1;
  double warmup = 0, time = 0;
  std::set<std::string> settings;
};

inline Task read_task(int count, char** arguments) {
  if (count < 9) give_up("usage: PROGRAM MODEL INPUT_NAME INPUT.npy OUTPUT_NAME REFERENCE.npy THREADS WARMUP TIME …");
  Task task;
  task.model = arguments[1];
  task.input_name = arguments[2];
  const Array input = read_array(arguments[3]);
  task.input_shape = input.shape;
  task.input.assign(input.values.begin(), input.values.end());
  task.output_name = arguments[4];
  task.reference = read_array(arguments[5]);
  task.threads = std::atoi(arguments[6]);
  task.warmup = std::atof(arguments[7]);
  task.time = std::atof(arguments[8]);
  task.settings.insert(arguments + 9, arguments + count);
  return task;
}

inline double microseconds() {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double peak_memory_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    long long kibibytes = 0;
    if (std::sscanf(line.c_str(), "VmHWM: %lld kB", &kibibytes) == 1)
      return static_cast<double>(kibibytes) * 1024 / 1e6;
  }
  return 0;
}

/// Times run() and prints the figures; output() is where the last run left the result. Ends the process at once, so
/// that no engine can spend the next one's time on leaving.
template <class Run, class Output>
[[noreturn]] void measure(const Task& task, const std::string& version, double load_ms, Run run, Output output) {
  const auto timed = [&] {
    const double start = microseconds();
    run();
    return microseconds() - start;
  };
  const double first = timed();
  for (double spent = 0; spent < task.warmup * 1e6;) spent += timed();
  const double memory = peak_memory_mb();
  std::vector<double> times;
  for (double spent = 0; spent < task.time * 1e6 || times.size() < 5; spent += times.back()) times.push_back(timed());
  std::sort(times.begin(), times.end());
  const auto percentile = [&](double share) {
    return times[static_cast<std::size_t>(std::lround(share * static_cast<double>(times.size() - 1)))];
  };
  const float* result = output();
  const std::vector<double>& expected = task.reference.values;
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double error = std::fabs(static_cast<double>(result[i]) - expected[i]);
    if (!(error <= worst)) worst = error;
  }
  const bool same_choice = std::max_element(result, result + expected.size()) - result ==
                           std::max_element(expected.begin(), expected.end()) - expected.begin();
  std::printf(
      "{\"version\": \"%s\", \"runs\": %zu, \"median_us\": %.3f, \"p10_us\": %.3f, \"p99_us\": %.3f, \"min_us\": %.3f, "
      "\"first_us\": %.1f, \"load_ms\": %.3f, \"rss_mb\": %.1f, \"max_abs_err\": %.4g, \"argmax_ok\": %s}\n",
      version.c_str(), times.size(), percentile(0.5), percentile(0.1), percentile(0.99), times.front(), first, load_ms,
      memory, std::isfinite(worst) ? worst : 1e300, same_choice ? "true" : "false");
  std::fflush(stdout);
  std::_Exit(0);
}

}  // namespace contest
