#include "runtime/onnx/wire.h"

#include <cstring>

namespace pleat::wire {

using protozero::pbf_wire_type;

template <class Read>
auto Fields::guarded(Read read) {
  try {
    return read();
  } catch (const protozero::end_of_buffer_exception&) {
    malformed("the bytes end inside it");
  } catch (const protozero::exception& e) {
    malformed(e.what());
  }
}

void Fields::malformed(const std::string& what) const {
  throw Malformed{Error::invalid("not a well-formed " + std::string(type_) + ": " + what)
                      .at("field " + std::to_string(reader_.tag()) + " at byte " + std::to_string(start_ - origin_))};
}

bool Fields::next() {
  if (!value_read_) raw();
  start_ = position();
  value_read_ = false;
  const bool found = guarded([this] { return reader_.next(); });
  if (!found) value_read_ = true;
  return found;
}

void Fields::expect(pbf_wire_type type) const {
  if (reader_.wire_type() != type)
    malformed("wire type " + std::to_string(static_cast<unsigned>(reader_.wire_type())) + " instead of " +
              std::to_string(static_cast<unsigned>(type)));
}

std::string_view Fields::bytes() {
  expect(pbf_wire_type::length_delimited);
  value_read_ = true;
  return guarded([this] {
    // protozero keeps 32 bits of a length: a longer one must not pass as a short one.
    const char* at = position();
    const char* const end = at + reader_.length();
    if (protozero::decode_varint(&at, end) > static_cast<std::uint64_t>(end - at))
      throw protozero::end_of_buffer_exception{};
    const protozero::data_view view = reader_.get_view();
    return std::string_view(view.data(), view.size());
  });
}

std::int64_t Fields::integer() {
  expect(pbf_wire_type::varint);
  value_read_ = true;
  return guarded([this] { return reader_.get_int64(); });
}

float Fields::float32() {
  expect(pbf_wire_type::fixed32);
  value_read_ = true;
  return guarded([this] { return reader_.get_float(); });
}

std::string_view Fields::payload() {
  if (is_bytes()) return bytes();
  const char* const begin = position();
  value_read_ = true;
  guarded([this] { reader_.skip(); });
  return {begin, static_cast<std::size_t>(position() - begin)};
}

std::string_view Fields::raw() {
  if (!value_read_) payload();
  return {start_, static_cast<std::size_t>(position() - start_)};
}

std::vector<std::int64_t> decode_varints(const std::vector<std::string_view>& payloads) {
  std::vector<std::int64_t> out;
  for_each_varint(payloads, [&](std::uint64_t value) { out.push_back(static_cast<std::int64_t>(value)); });
  return out;
}

std::vector<float> decode_floats(const std::vector<std::string_view>& payloads) {
  std::vector<float> out;
  for (const std::string_view payload : payloads) {
    if (payload.size() % sizeof(float) != 0)
      throw Malformed{Error::invalid("a list of packed floats is broken")
                          .expect("a multiple of 4 bytes")
                          .saw(std::to_string(payload.size()) + " bytes")};
    if (payload.empty()) continue;
    const std::size_t before = out.size();
    out.resize(before + payload.size() / sizeof(float));
    std::memcpy(out.data() + before, payload.data(), payload.size());
  }
  return out;
}

void read_text(Fields& fields, std::string& out, std::string& unmodelled) {
  out = fields.bytes();
  if (out.empty()) unmodelled += fields.raw();
}

void read_integer(Fields& fields, std::int64_t& out, std::string& unmodelled) {
  out = fields.integer();
  if (out == 0) unmodelled += fields.raw();
}

}  // namespace pleat::wire
