#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

Result<std::vector<Tensor>> run(const char* equation, std::vector<Tensor> inputs) {
  return run_op(node_of("Einsum", {Attribute::text("equation", equation)}), std::move(inputs), 12);
}

const Tensor& a() {
  static const Tensor x = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  return x;
}
const Tensor& b() {
  static const Tensor x = Tensor::of<float>({3, 2}, {1, 0, 2, 1, 0, 3});
  return x;
}

TEST(Einsum, OneOperand) {
  expect_same(only_output(run("ij->ji", {a()})), Tensor::of<float>({3, 2}, {1, 4, 2, 5, 3, 6}));
  expect_same(only_output(run("ij->i", {a()})), Tensor::of<float>({2}, {6, 15}));
  expect_same(only_output(run("ij->", {a()})), Tensor::scalar(21.0F));
  expect_same(only_output(run("ba", {a()})), Tensor::of<float>({3, 2}, {1, 4, 2, 5, 3, 6}));
  expect_same(only_output(run("...ii->...i", {Tensor::of<float>({1, 2, 2}, {1, 2, 3, 4})})),
              Tensor::of<float>({1, 2}, {1, 4}));
}

TEST(Einsum, Products) {
  const Tensor product = Tensor::of<float>({2, 2}, {5, 11, 14, 23});
  expect_same(only_output(run("ij, jk -> ik", {a(), b()})), product);
  expect_same(only_output(run("ij,jk", {a(), b()})), product);
  expect_same(only_output(run("i,i", {Tensor::of<double>({2}, {1, 2}), Tensor::of<double>({2}, {3, 4})})),
              Tensor::scalar(11.0));
  expect_same(only_output(run("i,j->ij", {Tensor::of<float>({2}, {1, 2}), Tensor::of<float>({2}, {3, 4})})),
              Tensor::of<float>({2, 2}, {3, 4, 6, 8}));
  const Tensor two = Tensor::of<float>({2}, {1, 10});
  expect_same(only_output(run("ij,jk,k->i", {a(), b(), two})), Tensor::of<float>({2}, {115, 244}));
}

TEST(Einsum, AnEllipsisBroadcasts) {
  const Tensor batch = Tensor::of<float>({2, 1, 2}, {1, 2, 3, 4}), one = Tensor::of<float>({2, 1}, {1, 10});
  expect_same(only_output(run("...ij,...jk->...ik", {batch, one})), Tensor::of<float>({2, 1, 1}, {21, 43}));
  expect_same(only_output(run("...ij,...jk", {batch, one})), Tensor::of<float>({2, 1, 1}, {21, 43}));
}

TEST(Einsum, RefusesWhatMakesNoSense) {
  expect_failure(run("ij,jk->ik", {a(), a()}), ErrorCode::kInvalid, "two sizes");
  expect_failure(run("ijk->i", {a()}), ErrorCode::kInvalid, "rank");
  expect_failure(run("ij->ik", {a()}), ErrorCode::kInvalid, "no operand has");
  expect_failure(run("ij->ii", {a()}), ErrorCode::kInvalid, "repeats a label");
  expect_failure(run("i1->i", {a()}), ErrorCode::kInvalid, "malformed");
  expect_failure(run("ij,jk->ik", {a()}), ErrorCode::kInvalid, "number of inputs");
}

}  // namespace
}  // namespace pleat
