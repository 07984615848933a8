// The functions of unary.h over Ops, in the manner of elementary_sequences.h, after which it is included. The place of
// inclusion brings `map` and the Ops of a type, OpsOf<T>.

template <class Ops>
using ValueOf = typename Ops::Value;

template <class Ops>
ValueOf<Ops> constant(const Ops& o, double value) {
  return o.set(static_cast<typename Ops::Element>(value));
}

template <class Ops>
ValueOf<Ops> identity(const Ops&, ValueOf<Ops> x) {
  return x;
}

template <class Ops>
ValueOf<Ops> absolute(const Ops& o, ValueOf<Ops> x) {
  return o.abs(x);
}

template <class Ops>
ValueOf<Ops> ceil(const Ops& o, ValueOf<Ops> x) {
  return o.ceil(x);
}

template <class Ops>
ValueOf<Ops> floor(const Ops& o, ValueOf<Ops> x) {
  return o.floor(x);
}

template <class Ops>
ValueOf<Ops> round(const Ops& o, ValueOf<Ops> x) {
  return o.nearest_even(x);
}

template <class Ops>
ValueOf<Ops> square_root(const Ops& o, ValueOf<Ops> x) {
  return o.sqrt(x);
}

template <class Ops>
ValueOf<Ops> reciprocal(const Ops& o, ValueOf<Ops> x) {
  return o.div(constant(o, 1), x);
}

template <class Ops>
ValueOf<Ops> sign(const Ops& o, ValueOf<Ops> x) {
  const auto zero = constant(o, 0);
  return o.if_less(x, zero, constant(o, -1), o.if_less(zero, x, constant(o, 1), x));
}

template <class Ops>
ValueOf<Ops> clip(const Ops& o, ValueOf<Ops> x, ValueOf<Ops> a, ValueOf<Ops> b) {
  return o.at_most(o.at_least(x, a), b);
}

template <class Ops>
ValueOf<Ops> relu(const Ops& o, ValueOf<Ops> x) {
  return o.at_least(x, constant(o, 0));
}

template <class Ops>
ValueOf<Ops> silu(const Ops& o, ValueOf<Ops> x) {
  return o.mul(x, sigmoid(o, x));
}

template <class Ops>
ValueOf<Ops> leaky_relu(const Ops& o, ValueOf<Ops> x, ValueOf<Ops> a, ValueOf<Ops>) {
  return o.if_less(x, constant(o, 0), o.mul(a, x), x);
}

template <class Ops>
ValueOf<Ops> thresholded_relu(const Ops& o, ValueOf<Ops> x, ValueOf<Ops> a, ValueOf<Ops>) {
  return o.if_less(a, x, x, constant(o, 0));
}

template <class Ops>
ValueOf<Ops> shrink(const Ops& o, ValueOf<Ops> x, ValueOf<Ops> a, ValueOf<Ops> b) {
  const auto zero = constant(o, 0);
  return o.if_less(x, o.sub(zero, a), o.add(x, b), o.if_less(a, x, o.sub(x, b), zero));
}

template <class Ops>
ValueOf<Ops> elu(const Ops& o, ValueOf<Ops> x, ValueOf<Ops> a, ValueOf<Ops>) {
  return o.if_less(x, constant(o, 0), o.mul(a, expm1(o, x)), x);
}

template <class Ops>
ValueOf<Ops> selu(const Ops& o, ValueOf<Ops> x, ValueOf<Ops> a, ValueOf<Ops> b) {
  return o.mul(b, o.if_less(constant(o, 0), x, x, o.mul(a, expm1(o, x))));
}

template <class Ops>
ValueOf<Ops> celu(const Ops& o, ValueOf<Ops> x, ValueOf<Ops> a, ValueOf<Ops>) {
  const auto zero = constant(o, 0);
  const auto below = o.mul(a, expm1(o, o.div(x, a)));
  return o.add(o.at_least(x, zero), o.at_most(below, zero));
}

template <class Ops>
ValueOf<Ops> hard_sigmoid(const Ops& o, ValueOf<Ops> x, ValueOf<Ops> a, ValueOf<Ops> b) {
  return clip(o, o.fma(a, x, b), constant(o, 0), constant(o, 1));
}

template <class Ops>
ValueOf<Ops> hard_swish(const Ops& o, ValueOf<Ops> x) {
  return o.mul(x, hard_sigmoid(o, x, constant(o, 1.0 / 6), constant(o, 0.5)));
}

template <class Ops>
ValueOf<Ops> softsign(const Ops& o, ValueOf<Ops> x) {
  return o.div(x, o.add(constant(o, 1), o.abs(x)));
}

/// With w = e^x, tanh(ln(1 + w)) = n / (n + 2), n = w·(w + 2); 1 from x = 20 on.
/// At most 4 ulp for float and for double (measured by the tests).
template <class Ops>
ValueOf<Ops> mish(const Ops& o, ValueOf<Ops> x) {
  const auto two = constant(o, 2);
  const auto w = exp(o, o.at_most(x, constant(o, 20)));
  const auto n = o.mul(w, o.add(w, two));
  return o.mul(x, o.div(n, o.add(n, two)));
}

/// A function and its parameters, as `map` calls it.
template <class Ops, ValueOf<Ops> (*kFunction)(const Ops&, ValueOf<Ops>)>
struct Plain {
  Ops o;
  ValueOf<Ops> operator()(ValueOf<Ops> x) const { return kFunction(o, x); }
};
template <class Ops, ValueOf<Ops> (*kFunction)(const Ops&, ValueOf<Ops>, ValueOf<Ops>, ValueOf<Ops>)>
struct Tuned {
  Ops o;
  ValueOf<Ops> a, b;
  ValueOf<Ops> operator()(ValueOf<Ops> x) const { return kFunction(o, x, a, b); }
};

/// y[i] = f(x[i]) in `rows` rows of `columns` elements, `step` apart in x and in y.
template <class T, class Function>
void map_rows(const T* x, T* y, std::int64_t rows, std::int64_t columns, std::int64_t step, const Function& function) {
  for (std::int64_t i = 0; i < rows; ++i) map(x + i * step, y + i * step, columns, function);
}

template <class T>
void unary_rows(Unary function, T first, T second, const T* x, T* y, std::int64_t rows, std::int64_t columns,
                std::int64_t step) {
  using O = OpsOf<T>;
  const O o;
  const auto a = o.set(first), b = o.set(second);
  switch (function) {
    case Unary::kIdentity: return map_rows(x, y, rows, columns, step, Plain<O, identity<O>>{o});
    case Unary::kAbs: return map_rows(x, y, rows, columns, step, Plain<O, absolute<O>>{o});
    case Unary::kCeil: return map_rows(x, y, rows, columns, step, Plain<O, ceil<O>>{o});
    case Unary::kCelu: return map_rows(x, y, rows, columns, step, Tuned<O, celu<O>>{o, a, b});
    case Unary::kClip: return map_rows(x, y, rows, columns, step, Tuned<O, clip<O>>{o, a, b});
    case Unary::kElu: return map_rows(x, y, rows, columns, step, Tuned<O, elu<O>>{o, a, b});
    case Unary::kErf: return map_rows(x, y, rows, columns, step, Plain<O, erf<O>>{o});
    case Unary::kExp: return map_rows(x, y, rows, columns, step, Plain<O, exp<O>>{o});
    case Unary::kFloor: return map_rows(x, y, rows, columns, step, Plain<O, floor<O>>{o});
    case Unary::kGelu: return map_rows(x, y, rows, columns, step, Plain<O, gelu<O>>{o});
    case Unary::kGeluHalvedFirst: return map_rows(x, y, rows, columns, step, Tuned<O, gelu_halved_first<O>>{o, a, b});
    case Unary::kGeluHalvedLast: return map_rows(x, y, rows, columns, step, Tuned<O, gelu_halved_last<O>>{o, a, b});
    case Unary::kGeluTanh: return map_rows(x, y, rows, columns, step, Plain<O, gelu_tanh<O>>{o});
    case Unary::kHardSigmoid: return map_rows(x, y, rows, columns, step, Tuned<O, hard_sigmoid<O>>{o, a, b});
    case Unary::kHardSwish: return map_rows(x, y, rows, columns, step, Plain<O, hard_swish<O>>{o});
    case Unary::kLeakyRelu: return map_rows(x, y, rows, columns, step, Tuned<O, leaky_relu<O>>{o, a, b});
    case Unary::kLog: return map_rows(x, y, rows, columns, step, Plain<O, log<O>>{o});
    case Unary::kMish: return map_rows(x, y, rows, columns, step, Plain<O, mish<O>>{o});
    case Unary::kReciprocal: return map_rows(x, y, rows, columns, step, Plain<O, reciprocal<O>>{o});
    case Unary::kRelu: return map_rows(x, y, rows, columns, step, Plain<O, relu<O>>{o});
    case Unary::kRound: return map_rows(x, y, rows, columns, step, Plain<O, round<O>>{o});
    case Unary::kSelu: return map_rows(x, y, rows, columns, step, Tuned<O, selu<O>>{o, a, b});
    case Unary::kShrink: return map_rows(x, y, rows, columns, step, Tuned<O, shrink<O>>{o, a, b});
    case Unary::kSigmoid: return map_rows(x, y, rows, columns, step, Plain<O, sigmoid<O>>{o});
    case Unary::kSign: return map_rows(x, y, rows, columns, step, Plain<O, sign<O>>{o});
    case Unary::kSilu: return map_rows(x, y, rows, columns, step, Plain<O, silu<O>>{o});
    case Unary::kSoftplus: return map_rows(x, y, rows, columns, step, Plain<O, softplus<O>>{o});
    case Unary::kSoftsign: return map_rows(x, y, rows, columns, step, Plain<O, softsign<O>>{o});
    case Unary::kSqrt: return map_rows(x, y, rows, columns, step, Plain<O, square_root<O>>{o});
    case Unary::kTanh: return map_rows(x, y, rows, columns, step, Plain<O, tanh<O>>{o});
    case Unary::kThresholdedRelu: return map_rows(x, y, rows, columns, step, Tuned<O, thresholded_relu<O>>{o, a, b});
  }
}
