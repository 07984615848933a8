#include "models/data/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <tuple>
#include <utility>

#include "models/data/idx_file.h"

namespace pleat {
namespace {

constexpr std::int64_t kLargestSide = 1 << 15;

Result<std::string> find_file(const std::string& folder, const std::string& stem, const std::string& kind) {
  for (const char* ending : {"", ".gz"}) {
    for (const char* joint : {"-", "."}) {
      const auto path = std::filesystem::path(folder) / (stem + joint + kind + ending);
      std::error_code ignored;
      if (std::filesystem::exists(path, ignored)) return path.string();
    }
  }
  return fail(Error::invalid("the data set lacks a file")
                  .at(folder)
                  .expect(fmt::format("{0}-{1} or {0}-{1}.gz", stem, kind))
                  .fix(fmt::format("name the folder that holds the IDX files; Fashion-MNIST is Debian's package "
                                   "dataset-fashion-mnist, in {}",
                                   kFashionMnistFolder)));
}

std::string size_text(const LabelledImages& images) { return fmt::format("{} x {}", images.rows, images.cols); }

}  // namespace

int LabelledImages::classes() const {
  const auto largest = std::max_element(labels.begin(), labels.end());
  return largest == labels.end() ? 0 : *largest + 1;
}

Result<LabelledImages> read_labelled_images(const std::string& images_path, const std::string& labels_path) {
  PLEAT_ASSIGN(IdxFile labels, read_idx(labels_path, 1));
  PLEAT_ASSIGN(IdxFile images, read_idx(images_path, 3));
  const auto [count, rows, cols] = std::tuple(images.dims[0], images.dims[1], images.dims[2]);
  if (count == 0) return fail(Error::invalid("the data set is empty").at(images_path));
  if (rows < 1 || cols < 1 || rows > kLargestSide || cols > kLargestSide)
    return fail(Error::invalid("images of this size are not usable")
                    .at(images_path)
                    .expect(fmt::format("sides of 1 to {} pixels", kLargestSide))
                    .saw(fmt::format("{} x {}", rows, cols)));
  if (count != labels.dims[0])
    return fail(Error::invalid("as many labels as images are needed")
                    .at(labels_path)
                    .expect(fmt::format("{} labels, as {} has images", count, images_path))
                    .saw(fmt::format("{}", labels.dims[0])));
  return LabelledImages{static_cast<int>(rows), static_cast<int>(cols), std::move(images.values),
                        std::move(labels.values)};
}

Result<LabelledImages> read_split(const std::string& folder, Split split) {
  const std::string stem = split == Split::kTrain ? "train" : "t10k";
  PLEAT_ASSIGN(const std::string images, find_file(folder, stem + "-images", "idx3-ubyte"));
  PLEAT_ASSIGN(const std::string labels, find_file(folder, stem + "-labels", "idx1-ubyte"));
  return read_labelled_images(images, labels);
}

Result<Dataset> read_dataset(const std::string& folder) {
  Dataset dataset;
  PLEAT_ASSIGN(dataset.train, read_split(folder, Split::kTrain));
  PLEAT_ASSIGN(dataset.test, read_split(folder, Split::kTest));
  if (dataset.train.rows != dataset.test.rows || dataset.train.cols != dataset.test.cols)
    return fail(Error::invalid("training and test images differ in size")
                    .at(folder)
                    .expect(size_text(dataset.train))
                    .saw(size_text(dataset.test)));
  return dataset;
}

}  // namespace pleat
