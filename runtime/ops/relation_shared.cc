#include "runtime/ops/relation_shared.h"

#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/pair_shared.h"

namespace pleat {
namespace {

bool is_logic(Relation relation) { return relation >= Relation::kAnd; }

class RelationOperator final : public Operator {
 public:
  RelationOperator(Relation relation, BroadcastPair pair) : relation_(relation), pair_(std::move(pair)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    const DType dtype = inputs[0].dtype;
    if (dtype != inputs[1].dtype) return fail(Error::invalid("the inputs are not of one type"));
    const bool flags = is_logic(relation_) || (relation_ == Relation::kEqual && dtype == DType::kBool);
    if (flags ? dtype != DType::kBool : !is_number(dtype))
      return fail(Error::unsupported("this relation does not take elements of this type")
                      .expect(is_logic(relation_) ? "bool" : "numbers")
                      .saw(std::string(dtype_name(dtype))));
    PLEAT_ASSIGN(Shape out, pair_.join(inputs[0].shape, inputs[1].shape));
    return std::vector<Fact>{{DType::kBool, std::move(out), std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    if (context.inputs[0].dtype == DType::kBool) return run_logic(context);
    with_number(context.inputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      switch (relation_) {
        case Relation::kEqual: return apply<T>(context, [](T a, T b) { return a == b; });
        case Relation::kGreater: return apply<T>(context, [](T a, T b) { return a > b; });
        case Relation::kGreaterOrEqual: return apply<T>(context, [](T a, T b) { return a >= b; });
        case Relation::kLess: return apply<T>(context, [](T a, T b) { return a < b; });
        default: return apply<T>(context, [](T a, T b) { return a <= b; });
      }
    });
  }

 private:
  template <class T, class F>
  void apply(const RunContext& context, F f) const {
    pair_.run<T, T, bool>(context, f);
  }

  void run_logic(const RunContext& context) const {
    switch (relation_) {
      case Relation::kAnd: return apply<bool>(context, [](bool a, bool b) { return a && b; });
      case Relation::kOr: return apply<bool>(context, [](bool a, bool b) { return a || b; });
      case Relation::kXor: return apply<bool>(context, [](bool a, bool b) { return a != b; });
      default: return apply<bool>(context, [](bool a, bool b) { return a == b; });
    }
  }

  Relation relation_;
  BroadcastPair pair_;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_relation(Relation relation, const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  BroadcastPair pair(reader, opset);
  PLEAT_TRY(reader.finish());
  return std::make_unique<RelationOperator>(relation, std::move(pair));
}

}  // namespace pleat
