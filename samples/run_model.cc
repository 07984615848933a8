// run_model MODEL.onnx < numbers
// Reads the elements of the model's inputs as text, runs the model once, prints each output on a line of its own.
#include <iostream>

#include "runtime/pleat.h"

namespace {

int explain(const pleat::Outcome& outcome) {
  std::cerr << outcome.message << '\n';
  return static_cast<int>(outcome.code);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: run_model MODEL.onnx < numbers\n";
    return 2;
  }
  pleat::Predictor model;
  if (const auto outcome = pleat::Predictor::load(argv[1], model); !outcome) return explain(outcome);

  for (std::size_t i = 0; i < model.inputs().size(); ++i) {
    const pleat::TensorInfo& info = model.inputs()[i];
    float* elements = model.input(i);
    for (std::size_t k = 0; k < info.elements; ++k) {
      if (elements != nullptr && std::cin >> elements[k]) continue;
      std::cerr << "input '" << info.name << "' wants " << info.elements << " float numbers; it is " << info.type
                << '\n';
      return 3;
    }
  }

  if (const auto outcome = model.run(); !outcome) return explain(outcome);

  std::cout.precision(9);
  for (std::size_t i = 0; i < model.outputs().size(); ++i) {
    const float* elements = model.output(i);
    if (elements == nullptr) continue;  // not float
    std::cout << model.outputs()[i].name;
    for (std::size_t k = 0; k < model.outputs()[i].elements; ++k) std::cout << ' ' << elements[k];
    std::cout << '\n';
  }
}
