#include "runtime/onnx/proto_writer.h"

#include <cstring>
#include <iterator>
#include <protozero/types.hpp>
#include <protozero/varint.hpp>

namespace pleat::wire {
namespace {

constexpr std::size_t kLong = 1024;

constexpr auto kVarint = static_cast<std::uint32_t>(protozero::pbf_wire_type::varint);
constexpr auto kBytes = static_cast<std::uint32_t>(protozero::pbf_wire_type::length_delimited);
constexpr auto kFixed32 = static_cast<std::uint32_t>(protozero::pbf_wire_type::fixed32);

}  // namespace

void ProtoWriter::varint(std::uint64_t value) { protozero::write_varint(std::back_inserter(copied_), value); }

void ProtoWriter::raw(std::string_view fields) {
  if (fields.size() < kLong) {
    copied_.append(fields);
    return;
  }
  referred_.push_back({copied_.size(), fields});
  referred_bytes_ += fields.size();
}

void ProtoWriter::bytes(std::uint32_t number, std::string_view value) {
  key(number, kBytes);
  varint(value.size());
  raw(value);
}

void ProtoWriter::integer(std::uint32_t number, std::int64_t value) {
  key(number, kVarint);
  varint(static_cast<std::uint64_t>(value));
}

void ProtoWriter::float32(std::uint32_t number, float value) {
  key(number, kFixed32);
  char bits[sizeof value];
  std::memcpy(bits, &value, sizeof value);
  copied_.append(bits, sizeof value);
}

void ProtoWriter::message(std::uint32_t number, FunctionRef<void()> fill) {
  key(number, kBytes);
  const std::size_t start = copied_.size();
  const std::size_t first_referred = referred_.size();
  const std::size_t size_before = size();
  fill();
  std::string length;
  protozero::write_varint(std::back_inserter(length), std::uint64_t{size() - size_before});
  copied_.insert(start, length);
  for (std::size_t i = first_referred; i < referred_.size(); ++i) referred_[i].at += length.size();
}

void ProtoWriter::for_each_piece(FunctionRef<void(std::string_view)> visit) const {
  const std::string_view copied = copied_;
  std::size_t at = 0;
  for (const Referred& piece : referred_) {
    if (piece.at > at) visit(copied.substr(at, piece.at - at));
    at = piece.at;
    visit(piece.bytes);
  }
  if (at < copied.size()) visit(copied.substr(at));
}

}  // namespace pleat::wire
