#pragma once

#include <cstdint>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.h"

namespace pleat::wire {

/// What ends a parse. Thrown within this folder only; its public functions turn it into a value.
struct Malformed {
  Error error;
};

/// The value, or its error thrown as Malformed.
template <class T>
T or_throw(Result<T> result) {
  if (!result) throw Malformed{std::move(result).error()};
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Walks the fields of one encoded message. Every read checks bounds and wire type and throws Malformed, which names
/// the message, the field and its place in the file.
class Fields {
 public:
  /// `origin` is the first byte of the file; `type` the message's name and a literal.
  Fields(std::string_view message, const char* type, const char* origin)
      : reader_(message.data(), message.size()), type_(type), origin_(origin), start_(message.data()) {}

  bool next();
  std::uint32_t number() const { return reader_.tag(); }
  bool is_bytes() const { return reader_.wire_type() == protozero::pbf_wire_type::length_delimited; }

  /// All bytes not read yet: before the first next(), the whole message.
  std::string_view rest() const { return {position(), reader_.length()}; }

  std::string_view bytes();
  std::int64_t integer();
  float float32();
  Fields message(const char* type) { return {bytes(), type, origin_}; }

  /// The value's own bytes: the content of a packed field, or the encoding of a single number.
  std::string_view payload();
  /// The whole field with its tag, whether its value was read or not.
  std::string_view raw();

  [[noreturn]] void malformed(const std::string& what) const;

 private:
  const char* position() const { return reader_.data().data(); }
  void expect(protozero::pbf_wire_type type) const;
  template <class Read>
  auto guarded(Read read);

  protozero::pbf_reader reader_;
  const char* type_;
  const char* origin_;
  const char* start_;  ///< of the current field
  bool value_read_ = true;
};

/// The numbers in the payloads of one repeated field, packed or not.
std::vector<std::int64_t> decode_varints(const std::vector<std::string_view>& payloads);
/// Calls visit(std::uint64_t) for each.
template <class Visit>
void for_each_varint(const std::vector<std::string_view>& payloads, Visit visit) {
  for (const std::string_view payload : payloads) {
    const char* at = payload.data();
    while (at != payload.data() + payload.size()) {
      try {
        visit(protozero::decode_varint(&at, payload.data() + payload.size()));
      } catch (const protozero::exception& e) {
        throw Malformed{Error::invalid("a list of packed numbers is broken").saw(e.what())};
      }
    }
  }
}
std::vector<float> decode_floats(const std::vector<std::string_view>& payloads);

/// A singular field; one that is present without effect (empty or 0) goes to `unmodelled`, so that it is written again.
void read_text(Fields& fields, std::string& out, std::string& unmodelled);
void read_integer(Fields& fields, std::int64_t& out, std::string& unmodelled);

}  // namespace pleat::wire
