// The elementary functions, written once over a small set of vector operations (Ops). Meant to be included inside a
// namespace: once for the scalar reference and once per vector target, since a target's code must be compiled for it.
// Every operation is correctly rounded, so all of them give the same bits.

/// The polynomial with these coefficients, lowest power first.
template <class Ops, class Coefficients>
typename Ops::Value polynomial(const Ops& o, const Coefficients& coefficients, typename Ops::Value x) {
  constexpr std::size_t kLast = std::size(Coefficients{}) - 1;
  auto sum = o.set(coefficients[kLast]);
  for (std::size_t i = kLast; i-- > 0;) sum = o.fma(sum, x, o.set(coefficients[i]));
  return sum;
}

/// x = n·ln 2 + r with |r| ≤ ln 2 / 2. `lift` is added to n on the way.
template <class Ops>
struct ExpParts {
  typename Ops::Value rest;    ///< e^r - 1
  typename Ops::Int raised_n;  ///< n + lift in its lowest bits, below others
};
template <class Ops>
ExpParts<Ops> exp_parts(const Ops& o, typename Ops::Value x, typename Ops::Element lift) {
  using C = ExpConstants<typename Ops::Element>;
  const auto round = o.set(C::kRound + lift);
  const auto shifted = o.fma(x, o.set(C::kLog2E), round);
  const auto n = o.sub(shifted, round);
  auto r = o.fma(n, o.set(-C::kLn2High), x);
  r = o.fma(n, o.set(-C::kLn2Low), r);

  return {o.fma(o.mul(r, r), polynomial(o, C::kRest, r), r), o.bits(shifted)};
}

/// e^x as e^r·2^n (see exp_parts), scaled in two exact-until-the-last steps, so overflow and denormals round once.
/// At most 1.1 ulp from e^x for float and 1 ulp for double (measured by the tests); e^NaN = NaN, e^-inf = 0, e^inf =
/// inf.
template <class Ops>
typename Ops::Value exp(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  using C = ExpConstants<T>;
  using Int = typename ScalarOps<T>::Int;
  x = o.at_least(x, o.set(C::kLowest));
  x = o.at_most(x, o.set(C::kHighest));
  const auto [rest, raised] = exp_parts(o, x, T{0});
  const auto n = o.int_sub(raised, o.int_set(std::bit_cast<Int>(C::kRound)));
  const auto lower = o.int_half(n);
  const auto upper = o.int_sub(n, lower);
  const auto bias = o.int_set(static_cast<Int>(C::kBias));
  const auto scaled = o.mul(o.add(rest, o.set(T{1})), o.template from_exponent<C::kMantissa>(o.int_add(lower, bias)));
  return o.mul(scaled, o.template from_exponent<C::kMantissa>(o.int_add(upper, bias)));
}

/// e^x for x ≤ 0 with the bits of exp in fewer steps: 2^(n + kLift) is made in place, and only the last product rounds
/// where the result is denormal.
template <class Ops>
typename Ops::Value exp_of_negative(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  using C = ExpConstants<T>;
  x = o.at_least(x, o.set(C::kLowest));
  const auto [rest, raised] = exp_parts(o, x, static_cast<T>(C::kBias + C::kLift));
  const auto scale = o.template from_exponent<C::kMantissa>(raised);
  constexpr T kLower = T{1} / static_cast<T>(std::uint64_t{1} << (C::kLift / 2));
  return o.mul(o.fma(rest, scale, scale), o.set(kLower * kLower));
}

/// 1 + e^-x for x ≤ 40 with -x = n·ln 2 + r, the sum made in one rounding; 2^n is infinite at the largest n, 128 for
/// float and 1024 for double.
template <class Ops>
typename Ops::Value one_plus_exp_of_minus(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  const auto one = o.set(T{1});
  if constexpr (std::is_same_v<T, float>) {
    using C = FloatEighths;
    x = o.at_least(x, o.set(C::kLowest));
    const auto round = o.set(ExpConstants<float>::kRound);
    const auto shifted = o.fma(x, o.set(-C::kPerLn2), round);
    const auto eighths = o.sub(shifted, round);
    const auto r = o.fma(eighths, o.set(C::kLn2), x);  // with the sign of x
    const auto power = o.from_bits(
        o.int_add(o.pick_of_eight(C::kPowers, o.bits(shifted)), o.template int_shift_left<C::kShift>(o.bits(shifted))));
    return o.fma(polynomial(o, C::kExpOfMinus, r), power, one);
  } else {
    using C = ExpConstants<T>;
    x = o.at_least(x, o.set(-C::kHighest));
    const auto round = o.set(C::kRound + static_cast<T>(C::kBias));
    const auto shifted = o.fma(x, o.set(-C::kLog2E), round);
    const auto n = o.sub(shifted, round);
    auto r = o.fma(n, o.set(C::kLn2High), x);
    r = o.fma(n, o.set(C::kLn2Low), r);  // with the sign of x
    return o.fma(polynomial(o, kExpOfMinus<T>, r), o.template from_exponent<C::kMantissa>(o.bits(shifted)), one);
  }
}

/// 1 / (1 + e^-x); what is not a normal number may be 0, which a run makes of it anyway.
/// For float at most 3.2 ulp from x = -20 on and 6 below, where ln 2 in one float tells; for double 2.5 (measured by
/// the tests).
template <class Ops>
typename Ops::Value sigmoid(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  // e^-40 is less than half an ulp of 1.
  return o.div(o.set(T{1}), one_plus_exp_of_minus(o, o.at_most(x, o.set(T{40}))));
}

/// e^x - 1 = 2·(p·2^(n-1) + (2^(n-1) - 1/2)), p = e^r - 1 (see exp_parts); below 4 least normals it is x.
/// At most 2 ulp for float and for double (measured by the tests).
template <class Ops>
typename Ops::Value expm1(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  using C = ExpConstants<T>;
  const auto lowest = o.set(T{-40});  // e^-40 is less than half an ulp of 1
  const auto clamped = o.at_most(o.at_least(x, lowest), o.set(C::kHighest));
  const auto [rest, raised] = exp_parts(o, clamped, static_cast<T>(C::kBias - 1));
  const auto scale = o.template from_exponent<C::kMantissa>(raised);
  const auto half = o.fma(rest, scale, o.sub(scale, o.set(T{0.5})));
  return o.if_less(o.abs(x), o.set(4 * std::numeric_limits<T>::min()), x, o.add(half, half));
}

/// (e^(2|x|) - 1) / (e^(2|x|) + 1) with the sign of x; 1 from |x| = 20 on.
/// At most 3 ulp for float and for double (measured by the tests).
template <class Ops>
typename Ops::Value tanh(const Ops& o, typename Ops::Value x) {
  using T = typename Ops::Element;
  const auto size = o.at_most(o.abs(x), o.set(T{20}));
  const auto power = expm1(o, o.add(size, size));
  return o.copy_sign(o.div(power, o.add(power, o.set(T{2}))), x);
}
