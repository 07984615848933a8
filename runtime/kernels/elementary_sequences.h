// The elementary functions, written once over a small set of vector operations (Ops). Meant to be included inside a
// namespace: once for the scalar reference and once per vector target, since a target's code must be compiled for it.
// Every operation is correctly rounded, so all of them give the same bits.

/// e^x by x = n·ln 2 + r, |r| ≤ ln 2 / 2, and the Taylor polynomial of e^r (truncated where the rest is below 0.1 ulp),
/// scaled by 2^n in two exact-until-the-last steps, so overflow and denormals round once.
/// At most 1.1 ulp from e^x for float and 1 ulp for double (measured by the tests); e^NaN = NaN, e^-inf = 0, e^inf =
/// inf.
template <class Ops>
typename Ops::Value exp(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  using C = ExpConstants<T>;
  using Int = typename ScalarOps<T>::Int;
  x = o.if_less(x, o.set(C::kLowest), o.set(C::kLowest), x);
  x = o.if_less(o.set(C::kHighest), x, o.set(C::kHighest), x);

  const auto shifted = o.fma(x, o.set(C::kLog2E), o.set(C::kRound));
  const auto n = o.sub(shifted, o.set(C::kRound));
  auto r = o.fma(n, o.set(-C::kLn2High), x);
  r = o.fma(n, o.set(-C::kLn2Low), r);

  auto q = o.set(static_cast<T>(kInverseFactorials[C::kDegree - 2]));
  for (int i = C::kDegree - 3; i >= 0; --i) q = o.fma(q, r, o.set(static_cast<T>(kInverseFactorials[i])));
  const auto power = o.add(o.fma(o.mul(r, r), q, r), o.set(T{1}));

  const auto whole = o.int_sub(o.bits(shifted), o.int_set(std::bit_cast<Int>(C::kRound)));
  const auto half = o.int_half(whole);
  const auto rest = o.int_sub(whole, half);
  const auto bias = o.int_set(static_cast<Int>(C::kBias));
  const auto scaled = o.mul(power, o.template from_exponent<C::kMantissa>(o.int_add(half, bias)));
  return o.mul(scaled, o.template from_exponent<C::kMantissa>(o.int_add(rest, bias)));
}

/// 1 / (1 + e^-x), for negative x as e^x / (1 + e^x): no overflow and no loss of small values.
/// At most 2.5 ulp for float and for double (measured by the tests).
template <class Ops>
typename Ops::Value sigmoid(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  const auto zero = o.set(T{0});
  const auto one = o.set(T{1});
  const auto power = exp(o, o.sub(zero, o.abs(x)));
  return o.div(o.if_less(x, zero, power, one), o.add(one, power));
}
