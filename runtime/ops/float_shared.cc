#include "runtime/ops/float_shared.h"

#include <string>

namespace pleat {

Status expect_float(const Fact& input, std::string_view name) {
  if (input.dtype == DType::kFloat || input.dtype == DType::kDouble) return {};
  return fail(Error::unsupported("no kernel for the element type of " + std::string(name))
                  .expect("float or double")
                  .saw(std::string(dtype_name(input.dtype))));
}

Status expect_one_float_type(std::span<const Fact> inputs) {
  PLEAT_TRY(expect_float(inputs[0], "input 0"));
  for (std::size_t i = 1; i < inputs.size(); ++i)
    if (inputs[i].present() && inputs[i].dtype != inputs[0].dtype)
      return fail(Error::invalid("the inputs are not of one type")
                      .expect(std::string(dtype_name(inputs[0].dtype)) + " as input 0")
                      .saw(std::string(dtype_name(inputs[i].dtype)) + " as input " + std::to_string(i)));
  return {};
}

}  // namespace pleat
