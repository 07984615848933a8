#include <algorithm>
#include <cctype>

#include "runtime/graph/attributes.h"
#include "runtime/ops/cast_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// X in the element type `to`.
class Cast final : public Operator {
 public:
  explicit Cast(DType to) : to_(to) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    from_ = inputs[0].dtype;
    PLEAT_TRY(expect_castable(from_, to_));
    return std::vector<Fact>{{to_, inputs[0].shape, std::nullopt}};
  }
  std::optional<int> view_of() const override { return from_ == to_ ? std::optional<int>(0) : std::nullopt; }
  void run(const RunContext& context) const noexcept override { run_cast(context); }

 private:
  DType to_, from_ = DType::kUndefined;
};

/// Opset 1 writes "FLOAT", "INT64" …
Result<DType> named_type(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  for (int number = 1; number <= static_cast<int>(DType::kBfloat16); ++number)
    if (dtype_name(static_cast<DType>(number)) == name) return static_cast<DType>(number);
  return fail(Error::invalid("the attribute 'to' names no element type").saw(name));
}

Result<std::unique_ptr<Operator>> make_cast(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  if (!reader.has("to")) return fail(Error::invalid("the attribute 'to' is missing"));
  DType to = DType::kUndefined;
  if (opset < 6) {
    PLEAT_ASSIGN(to, named_type(reader.text("to", "")));
  } else {
    to = static_cast<DType>(std::clamp<std::int64_t>(reader.integer("to", 0), 0, INT32_MAX));
  }
  if (opset >= 19) reader.ignore("saturate");    // is about float8 alone
  if (opset >= 24) reader.ignore("round_mode");  // likewise
  PLEAT_TRY(reader.finish());
  return std::make_unique<Cast>(to);
}

}  // namespace

void register_cast(OpRegistry& registry) { registry.add("Cast", make_cast); }

}  // namespace pleat
