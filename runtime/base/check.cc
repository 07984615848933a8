#include "runtime/base/check.h"

#include <cstdio>
#include <cstdlib>

#include "runtime/base/result.h"

namespace pleat {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "pleat: internal error at %s:%d: %s\n", file, line, condition);
  std::_Exit(static_cast<int>(ErrorCode::kInternal));
}

}  // namespace pleat
