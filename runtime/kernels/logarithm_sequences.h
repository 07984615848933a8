// The logarithm and what is made of it, in the manner of elementary_sequences.h, after which it is included.

/// ln x for x = m·2^e, √½ ≤ m < √2, f = m - 1: e·ln 2 + ln(1 + f), the latter by the series of the inverse hyperbolic
/// tangent in s = f / (2 + f), ln(1 + f) = f - f²/2 + s·(f²/2 + 2s²/3 + 2s⁴/5 + …), truncated where the rest is below
/// 0.1 ulp.
/// At most 1 ulp for float and for double (measured by the tests); ln 0 = -inf, ln inf = inf, NaN for negative x.
template <class Ops>
typename Ops::Value log(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  using C = ExpConstants<T>;
  using Int = typename ScalarOps<T>::Int;
  constexpr int kTerms = sizeof(T) == 4 ? 4 : 10;
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  const auto least_normal = o.set(std::numeric_limits<T>::min());
  const auto to_normal = o.set(static_cast<T>(std::uint64_t{2} << C::kMantissa));
  const auto normal = o.if_less(x, least_normal, o.mul(x, to_normal), x);
  const auto raised = o.if_less(x, least_normal, o.set(T{C::kMantissa + 1}), o.set(T{0}));

  const auto root_half = o.int_set(std::bit_cast<Int>(static_cast<T>(0.70710678118654752440)));
  const auto exponent = o.template int_shift_right<C::kMantissa>(o.int_sub(o.bits(normal), root_half));
  const auto scale = o.bits(o.template from_exponent<C::kMantissa>(exponent));
  const auto f = o.sub(o.from_bits(o.int_sub(o.bits(normal), scale)), o.set(T{1}));
  const auto rounded = o.int_add(o.int_set(std::bit_cast<Int>(C::kRound)), exponent);
  const auto e = o.sub(o.sub(o.from_bits(rounded), o.set(C::kRound)), raised);

  const auto s = o.div(f, o.add(o.set(T{2}), f));
  const auto z = o.mul(s, s);
  auto rest = o.set(static_cast<T>(kTwoOverOdd[kTerms - 1]));
  for (int i = kTerms - 2; i >= 0; --i) rest = o.fma(rest, z, o.set(static_cast<T>(kTwoOverOdd[i])));
  const auto half_square = o.mul(o.mul(o.set(T{0.5}), f), f);
  const auto correction = o.fma(s, o.fma(rest, z, half_square), o.mul(e, o.set(C::kLn2Low)));
  const auto small = o.sub(o.sub(half_square, correction), f);
  auto result = o.fma(e, o.set(C::kLn2High), o.sub(o.set(T{0}), small));

  result = o.if_less(x, o.set(kInfinity), result, x);
  const auto zero = o.set(T{0});
  const auto not_positive = o.if_less(x, zero, o.set(std::numeric_limits<T>::quiet_NaN()), o.add(x, o.set(-kInfinity)));
  return o.if_less(zero, x, result, not_positive);
}

/// ln(1 + x) for 0 ≤ x ≤ 1: ln u + (x - (u - 1)) / u with u = 1 + x rounded.
template <class Ops>
typename Ops::Value log1p(const Ops& o, typename Ops::Value x) {
  const auto one = o.set(typename Ops::Element{1});
  const auto u = o.add(one, x);
  return o.add(log(o, u), o.div(o.sub(x, o.sub(u, one)), u));
}

/// ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|). At most 3 ulp for float and for double (measured by the tests).
template <class Ops>
typename Ops::Value softplus(const Ops& o, typename Ops::Value x) {
  const auto zero = o.set(typename Ops::Element{0});
  return o.add(o.if_less(x, zero, zero, x), log1p(o, exp(o, o.sub(zero, o.abs(x)))));
}
