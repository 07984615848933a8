#include "converter/judge/judge.h"

#include "converter/judge/module/judge_module.h"
#include "runtime/base/shared_module.h"

namespace pleat {

Judgement judge(std::string_view serialized_model) {
  const auto function = module_function<decltype(pleat_judge)>("pleat_judge", "pleat_judge");
  if (!function) return {Judgement::Verdict::kNotJudged, function.error().text()};
  std::string message(4096, '\0');
  const int verdict = (*function)(serialized_model.data(), serialized_model.size(), message.data(), message.size());
  message.resize(message.find('\0'));
  switch (verdict) {
    case PLEAT_JUDGE_ACCEPTED: return {Judgement::Verdict::kAccepted, {}};
    case PLEAT_JUDGE_REJECTED: return {Judgement::Verdict::kRejected, std::move(message)};
    default: return {Judgement::Verdict::kNotJudged, std::move(message)};
  }
}

}  // namespace pleat
