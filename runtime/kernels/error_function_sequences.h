// The error function and what is made of it, in the manner of elementary_sequences.h, after which it is included.

/// erfc(x) = erfcx(x)·e^(-x²) for x ≥ 1/2, given the square as high - low.
template <class Ops>
typename Ops::Value erfc_tail(const Ops& o, typename Ops::Value x, typename Ops::Value high, typename Ops::Value low) {
  using T = typename Ops::Element;
  using C = ErfConstants<T>;
  const auto t = o.div(o.set(T{1}), o.fma(x, o.set(T{0.5}), o.set(T{1})));
  const auto tail = o.mul(polynomial(o, C::kTail, o.sub(t, o.set(T{0.4375}))), t);
  return o.mul(o.fma(tail, low, tail), exp_of_negative(o, o.negative_size(high)));
}

/// erf(x) for |x| < 1/2 by its Taylor series.
template <class Ops>
typename Ops::Value erf_series(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  constexpr double kTwoOverRootPi = 1.12837916709551257390;
  const auto z = o.mul(x, x);
  auto sum = o.set(T{0});
  for (int k = ErfConstants<T>::kSeries; k >= 1; --k) {
    const double factor = k == 1 ? 1 : kInverseFactorials[k - 2];
    sum = o.fma(sum, z, o.set(static_cast<T>((k % 2 == 0 ? 1 : -1) * kTwoOverRootPi * factor / (2 * k + 1))));
  }
  return o.fma(x, o.fma(sum, z, o.set(static_cast<T>(kTwoOverRootPi - 1))), x);
}

/// erf by the polynomial of the piece |x| lies in, with the sign of x (see FloatErfConstants).
template <class Ops>
typename Ops::Value float_erf(const Ops& o, typename Ops::Value x) {
  using C = FloatErfConstants;
  const auto size = o.at_most(o.abs(x), o.set(C::kLargest));
  const auto position = o.fma(size, o.set(C::kScale), o.set(C::kStart));
  const auto piece = o.template int_shift_right<ExpConstants<float>::kMantissa - C::kPieceBits>(o.bits(position));
  const auto t = o.sub(size, o.pick(C::kNode, piece));
  constexpr std::size_t kLast = std::size(C::kTerms) - 1;
  auto sum = o.pick(C::kTerms[kLast], piece);
  for (std::size_t i = kLast; i-- > 0;) sum = o.fma(sum, t, o.pick(C::kTerms[i], piece));
  return o.copy_sign(o.fma(sum, t, o.at_least(t, o.pick(C::kBase, piece))), x);
}

/// For double by erf_series for |x| < 1/2, else 1 - erfc(|x|) with the sign of x.
/// At most 1 ulp for float and 3 ulp for double (measured by the tests).
template <class Ops>
typename Ops::Value erf(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  if constexpr (std::is_same_v<T, float>) {
    return float_erf(o, x);
  } else {
    const auto largest = o.set(ErfConstants<T>::kLargest);
    const auto size = o.abs(x);
    const auto y = o.at_most(size, largest);
    const auto high = o.mul(y, y);
    const auto low = o.fma(o.sub(o.set(T{0}), y), y, high);
    const auto far = o.copy_sign(o.sub(o.set(T{1}), erfc_tail(o, y, high, low)), x);
    return o.if_less(size, o.set(T{0.5}), erf_series(o, x), far);
  }
}

/// x·Φ(x), Φ(x) = (1 + erf(x/√2)) / 2, for x < -√½ as erfc(-x/√2) / 2, which loses nothing towards -inf.
/// At most 7 ulp for float and for double (measured by the tests).
template <class Ops>
typename Ops::Value gelu(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  constexpr double kRootHalf = 0.70710678118654752440;
  const auto half = o.set(T{0.5});
  const auto root_half = o.set(static_cast<T>(kRootHalf));
  const auto largest = o.set(static_cast<T>(ErfConstants<T>::kLargest / kRootHalf));
  const auto size = o.abs(x);
  const auto y = o.at_most(size, largest);
  const auto square = o.mul(y, y);
  const auto low = o.mul(half, o.fma(o.sub(o.set(T{0}), y), y, square));
  const auto tail = o.mul(half, erfc_tail(o, o.mul(y, root_half), o.mul(half, square), low));
  const auto middle = o.fma(half, erf_series(o, o.mul(x, root_half)), half);
  const auto far = o.if_less(x, o.set(T{0}), tail, o.sub(o.set(T{1}), tail));
  return o.mul(x, o.if_less(size, root_half, middle, far));
}

/// x·(1 + tanh u) / 2 = x·sigmoid(2u) with u = √(2/π)·(x + 0.044715·x³).
template <class Ops>
typename Ops::Value gelu_tanh(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  const auto square = o.mul(x, x);
  const auto inner = o.mul(x, o.fma(square, o.set(static_cast<T>(0.044715)), o.set(T{1})));
  return o.mul(x, sigmoid(o, o.mul(inner, o.set(static_cast<T>(1.59576912160573071176)))));
}

/// What written-out GELU multiplies x by, 1 + erf(a·x + b·x), with the bits of the steps one by one: a + b is the
/// factor or, beyond the precision of T, the reciprocal of the divisor (see Unary). Both are near √½, so beyond ±16 erf
/// is ±1.
template <class Ops>
typename Ops::Value gelu_gate(const Ops& o, typename Ops::Value x, typename Ops::Value a, typename Ops::Value b) {
  using T = typename Ops::Element;
  const auto y = o.at_most(o.at_least(x, o.set(T{-16})), o.set(T{16}));
  return o.add(erf(o, o.fma(y, a, o.mul(y, b))), o.set(T{1}));
}

/// In ulp of x, which is what the cancellation in 1 + erf leaves: at most 2 (measured by the tests).
template <class Ops>
typename Ops::Value gelu_halved_last(const Ops& o, typename Ops::Value x, typename Ops::Value a,
                                     typename Ops::Value b) {
  return o.mul(o.mul(x, gelu_gate(o, x, a, b)), o.set(typename Ops::Element{0.5}));
}
template <class Ops>
typename Ops::Value gelu_halved_first(const Ops& o, typename Ops::Value x, typename Ops::Value a,
                                      typename Ops::Value b) {
  return o.mul(o.mul(x, o.set(typename Ops::Element{0.5})), gelu_gate(o, x, a, b));
}
