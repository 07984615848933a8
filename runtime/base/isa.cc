#include "runtime/base/isa.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>

namespace pleat {
namespace {

constexpr std::string_view kNames[] = {"reference", "avx2", "avx512"};

bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
}

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}

std::vector<Isa> detect() {
  std::vector<Isa> isas = {Isa::kReference};
  if (has_avx2()) isas.push_back(Isa::kAvx2);
  if (has_avx512()) isas.push_back(Isa::kAvx512);
  return isas;
}

std::atomic<Isa>& chosen() {
  static std::atomic<Isa> isa = supported_isas().back();
  return isa;
}

std::string names(const std::vector<Isa>& isas) {
  std::string out;
  for (Isa isa : isas) out += (out.empty() ? "" : ", ") + std::string(isa_name(isa));
  return out;
}

}  // namespace

std::string_view isa_name(Isa isa) { return kNames[static_cast<int>(isa)]; }

Result<Isa> parse_isa(std::string_view name) {
  for (Isa isa : {Isa::kReference, Isa::kAvx2, Isa::kAvx512})
    if (isa_name(isa) == name) return isa;
  return fail(Error::usage("unknown instruction set").expect("reference, avx2 or avx512").saw(std::string(name)));
}

const std::vector<Isa>& supported_isas() {
  static const std::vector<Isa> isas = detect();
  return isas;
}

Isa active_isa() { return chosen().load(std::memory_order_relaxed); }

Status force_isa(Isa isa) {
  const auto& have = supported_isas();
  if (std::find(have.begin(), have.end(), isa) == have.end())
    return fail(Error::usage("this machine lacks the forced instruction set")
                    .expect("one of: " + names(have))
                    .saw(std::string(isa_name(isa)))
                    .fix("leave PLEAT_ISA and --isa unset to use the best one"));
  chosen().store(isa, std::memory_order_relaxed);
  return {};
}

Status force_isa_from_environment() {
  const char* name = std::getenv("PLEAT_ISA");
  if (name == nullptr || *name == '\0') return {};
  auto isa = parse_isa(name);
  if (!isa) return fail(std::move(isa).error().at("PLEAT_ISA"));
  return force_isa(*isa);
}

}  // namespace pleat
