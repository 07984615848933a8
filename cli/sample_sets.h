#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/progress.h"
#include "converter/verify/samples.h"
#include "converter/verify/verify.h"

namespace pleat::cli {

/// Where the inputs of a verification come from; generated ones where nothing is named.
struct SampleChoice {
  std::string dataset;                 ///< folder with MNIST's files: all images of the test half
  std::vector<std::string> images;     ///< pictures
  std::vector<std::string> inputs;     ///< name=FILE.npy or .pb
  std::vector<std::string> test_data;  ///< folders with test_data_set_N, or such folders
  std::vector<std::string> shapes;     ///< name=1x3x32x32, for generated samples
  std::int64_t limit = 0;              ///< of the data set, 0: all
  std::int64_t generated = -1;  ///< of each kind; 0: none; negative: as many as the cost allows, if nothing is named
  std::uint64_t seed = GeneratedSamples{}.seed;
};

/// --dataset, --limit, --image, --input, --test-data, --generated, --seed and --shape
void add_samples(CLI::App& verb, SampleChoice& choice);

/// Options that draw a progress bar while samples are worked through. `progress` must outlive them.
VerifyOptions shown_on(Progress& progress, int threads);

/// The sets named, and generated ones. A model that does not run here for want of an operator gets none generated: what
/// can be proved of it needs no run of the whole.
Result<std::vector<SampleSet>> choose_samples(const Model& model, const SampleChoice& choice, int threads = 1);

}  // namespace pleat::cli
