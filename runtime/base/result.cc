#include "runtime/base/result.h"

namespace pleat {

Error Error::at(std::string_view place) && {
  where = where.empty() ? std::string(place) : std::string(place) + ": " + where;
  return std::move(*this);
}

Error Error::expect(std::string text) && {
  expected = std::move(text);
  return std::move(*this);
}

Error Error::saw(std::string text) && {
  got = std::move(text);
  return std::move(*this);
}

Error Error::fix(std::string text) && {
  remedy = std::move(text);
  return std::move(*this);
}

std::string Error::text() const {
  std::string out = where.empty() ? what : where + ": " + what;
  if (!expected.empty()) out += "\n  expected: " + expected;
  if (!got.empty()) out += "\n  got: " + got;
  if (!remedy.empty()) out += "\n  remedy: " + remedy;
  return out;
}

}  // namespace pleat
