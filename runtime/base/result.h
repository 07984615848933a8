#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace pleat {

/// What kind of failure; the value is the program's exit code.
enum class ErrorCode {
  kCheckFailed = 1,  ///< a verification or a test did not hold
  kUsage = 2,        ///< the caller asked for something that makes no sense
  kInvalid = 3,      ///< the model or the input is malformed
  kUnsupported = 4,  ///< valid, but beyond what this build can do
  kResource = 5,     ///< memory, disk or a limit ran out
  kInternal = 70,    ///< our own bug
};

/// One failure, told so that the reader can act. Every field but `what` may be empty.
struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string what;
  std::string where;
  std::string expected;
  std::string got;
  std::string remedy;

  static Error check_failed(std::string what) { return {ErrorCode::kCheckFailed, std::move(what)}; }
  static Error usage(std::string what) { return {ErrorCode::kUsage, std::move(what)}; }
  static Error invalid(std::string what) { return {ErrorCode::kInvalid, std::move(what)}; }
  static Error unsupported(std::string what) { return {ErrorCode::kUnsupported, std::move(what)}; }
  static Error resource(std::string what) { return {ErrorCode::kResource, std::move(what)}; }
  static Error internal(std::string what) { return {ErrorCode::kInternal, std::move(what)}; }

  /// Adds an outer place in front of the ones already named: `at("model.onnx")`, `at("node 'c1'")`.
  Error at(std::string_view place) &&;
  Error expect(std::string text) &&;
  Error saw(std::string text) &&;
  Error fix(std::string text) &&;

  /// All fields on up to four lines, the first being "where: what".
  std::string text() const;

 private:
  Error(ErrorCode c, std::string w) : code(c), what(std::move(w)) {}
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace pleat

/// Leaves the function with the error of `expression`, if it has one.
#define PLEAT_TRY(expression)                                                                          \
  do {                                                                                                 \
    if (auto pleat_try = (expression); !pleat_try) return ::pleat::fail(std::move(pleat_try).error()); \
  } while (false)

/// PLEAT_ASSIGN(auto model, read(path)): binds the value or leaves the function with the error.
#define PLEAT_ASSIGN(declaration, expression) \
  PLEAT_ASSIGN_NAMED(PLEAT_JOIN(pleat_assign_, __LINE__), declaration, expression)
#define PLEAT_ASSIGN_NAMED(name, declaration, expression)   \
  auto name = (expression);                                 \
  if (!name) return ::pleat::fail(std::move(name).error()); \
  declaration = std::move(*name)
#define PLEAT_JOIN(a, b) PLEAT_JOIN_NOW(a, b)
#define PLEAT_JOIN_NOW(a, b) a##b
