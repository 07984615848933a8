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
  std::string dataset;              ///< folder with MNIST's files: all images of the test half
  std::vector<std::string> images;  ///< pictures
  std::vector<std::string> inputs;  ///< name=FILE.npy or .pb
  std::int64_t limit = 0;           ///< of the data set, 0: all
  std::uint64_t seed = GeneratedSamples{}.seed;
};

/// --dataset, --limit, --image, --input and --seed
void add_samples(CLI::App& verb, SampleChoice& choice);

/// Options that draw a progress bar while samples are worked through. `progress` must outlive them.
VerifyOptions shown_on(Progress& progress, int threads);

Result<std::vector<SampleSet>> choose_samples(const Model& model, const SampleChoice& choice);

}  // namespace pleat::cli
