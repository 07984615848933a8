#include "converter/judge/judge.h"

#include "converter/judge/module/judge_module.h"
#include "runtime/base/shared_module.h"

namespace pleat {
namespace {

/// Asks `Function` of the module, `call` giving it the model and where to put its message.
template <class Function, class Call>
Judgement ask(const char* symbol, Call call) {
  const auto function = module_function<Function>("pleat_judge", symbol);
  if (!function) return {Judgement::Verdict::kNotJudged, function.error().text()};
  std::string message(4096, '\0');
  const int verdict = call(*function, message.data(), message.size());
  message.resize(message.find('\0'));
  switch (verdict) {
    case PLEAT_JUDGE_ACCEPTED: return {Judgement::Verdict::kAccepted, {}};
    case PLEAT_JUDGE_REJECTED: return {Judgement::Verdict::kRejected, std::move(message)};
    default: return {Judgement::Verdict::kNotJudged, std::move(message)};
  }
}

}  // namespace

Judgement judge(std::string_view serialized_model) {
  return ask<decltype(pleat_judge)>("pleat_judge", [&](auto* function, char* message, std::size_t capacity) {
    return function(serialized_model.data(), serialized_model.size(), message, capacity);
  });
}

Judgement judge_file(const std::string& path) {
  return ask<decltype(pleat_judge_file)>("pleat_judge_file", [&](auto* function, char* message, std::size_t capacity) {
    return function(path.c_str(), message, capacity);
  });
}

}  // namespace pleat
