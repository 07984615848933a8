#include "cli/profile.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>

#include "cli/fma_peak.h"
#include "cli/progress.h"

namespace pleat::cli {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double bytes_of(const Plan& plan, const std::vector<std::size_t>& places) {
  double bytes = 0;
  for (const std::size_t index : places) {
    const Plan::Place& place = plan.places()[index];
    if (place.kind != Plan::Place::Kind::kAbsent)
      bytes += static_cast<double>(place.shape.elements()) * static_cast<double>(size_of(place.dtype));
  }
  return bytes;
}

StepProfile described(const Plan& plan, const Plan::Step& step) {
  StepProfile out;
  out.label = step.label;
  out.op = step.op_type;
  out.algorithm = step.op->algorithm();
  out.macs = static_cast<double>(step.op->macs());
  out.bytes = bytes_of(plan, step.inputs) + bytes_of(plan, step.outputs);
  return out;
}

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string or_dash(double value, int digits) { return value > 0 ? fmt::format("{:.{}f}", value, digits) : "-"; }

std::string percent(double part, double whole) { return whole > 0 ? fmt::format("{:.1f}", 100 * part / whole) : "-"; }

void print_row(const StepProfile& step, const Profile& all) {
  const std::string gflops = or_dash(step.gflops(), 1);
  fmt::print("{:>10.2f} {:>6} {:>9} {:>9} {:>7} {:>7}  {:<18} {}\n", step.micros, percent(step.micros, all.micros()),
             or_dash(step.macs / 1e6, 2), gflops, step.macs > 0 ? percent(step.gflops(), all.peak_gflops) : "-",
             or_dash(step.gigabytes_per_second(), 1), step.op + (step.algorithm.empty() ? "" : " " + step.algorithm),
             step.label);
}

void print_operators(const Profile& all) {
  std::map<std::string, StepProfile> sums;
  std::map<std::string, int> counts;
  for (const StepProfile& step : all.steps) {
    StepProfile& sum = sums[step.op];
    sum.op = step.op;
    sum.micros += step.micros, sum.macs += step.macs, sum.bytes += step.bytes;
    ++counts[step.op];
  }
  std::vector<StepProfile> sorted;
  for (auto& [op, sum] : sums) sorted.push_back(sum);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.micros > b.micros; });
  fmt::print("by operator:\n");
  for (StepProfile& sum : sorted) {
    sum.label = fmt::format("{} steps", counts[sum.op]);
    print_row(sum, all);
  }
}

}  // namespace

double Profile::micros() const {
  return std::accumulate(steps.begin(), steps.end(), 0.0,
                         [](double sum, const auto& step) { return sum + step.micros; });
}

Profile profile(Session& session, int threads, double seconds) {
  constexpr double kSlice = 0.05;  // seconds of runs between two looks at the peak
  Profile out;
  for (const Plan::Step& step : session.plan().steps()) out.steps.push_back(described(session.plan(), step));
  std::vector<std::int64_t> nanoseconds(out.steps.size());
  std::vector<std::vector<double>> samples(out.steps.size());
  FmaPeak peak(threads);
  Progress progress("profiling", 100);
  const auto start = Clock::now();
  while (out.runs < 5 || since(start) < seconds) {
    peak.measure();
    session.run();  // brings caches and threads back
    const auto slice = Clock::now();
    do {
      session.run_profiled(nanoseconds);
      ++out.runs;
      for (std::size_t s = 0; s < nanoseconds.size(); ++s)
        samples[s].push_back(static_cast<double>(nanoseconds[s]) / 1e3);
    } while (since(slice) < kSlice);
    progress.show(static_cast<std::int64_t>(100 * since(start) / std::max(seconds, kSlice)));
  }
  peak.measure();
  for (std::size_t s = 0; s < samples.size(); ++s) out.steps[s].micros = median(samples[s]);
  out.peak_gflops = peak.gflops();
  return out;
}

Json profile_json(const Profile& all) {
  Json steps = Json::array();
  for (const StepProfile& step : all.steps) {
    Json entry = {{"step", step.label},
                  {"op", step.op},
                  {"us", step.micros},
                  {"share", step.micros / all.micros()},
                  {"macs", step.macs},
                  {"bytes", step.bytes},
                  {"gb_per_s", step.gigabytes_per_second()}};
    if (!step.algorithm.empty()) entry["algorithm"] = step.algorithm;
    if (step.macs > 0) {
      entry["gflops"] = step.gflops();
      entry["peak_share"] = step.gflops() / all.peak_gflops;
    }
    steps.push_back(std::move(entry));
  }
  return steps;
}

void print_profile(const Profile& all, bool by_time, std::size_t top) {
  std::vector<const StepProfile*> rows;
  for (const StepProfile& step : all.steps) rows.push_back(&step);
  if (by_time)
    std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return a->micros > b->micros; });
  fmt::print("\nsteps, median of {} runs; multiply-add peak beside them: {:.1f} GFLOP/s\n", all.runs, all.peak_gflops);
  fmt::print("{:>10} {:>6} {:>9} {:>9} {:>7} {:>7}  {:<18} {}\n", "us", "%", "MMAC", "GFLOP/s", "% peak", "GB/s",
             "operator", "step");
  for (std::size_t i = 0; i < std::min(top, rows.size()); ++i) print_row(*rows[i], all);
  if (top < rows.size()) fmt::print("  … and {} more\n", rows.size() - top);
  StepProfile sum;
  sum.label = fmt::format("all {} steps", rows.size());
  for (const StepProfile* row : rows) sum.micros += row->micros, sum.macs += row->macs, sum.bytes += row->bytes;
  print_row(sum, all);
  print_operators(all);
}

}  // namespace pleat::cli
