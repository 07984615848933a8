#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/kernels/blocked/winograd_steps.h"

namespace pleat {

/// The pixels of a block's plane, halo included, that a tile reads.
class InputWindow {
 public:
  InputWindow(const WinogradConv& p, const WinogradTiles::At& at, std::int64_t block)
      : planes_(p.in),
        row_(at.row * kWinogradOutputs - p.pad_top),
        column_(at.column * kWinogradOutputs - p.pad_left),
        rows_{std::max(row_, -p.in.halo.top), std::min(row_ + kWinogradInputs, p.in.height + p.in.halo.bottom)},
        columns_{std::max(column_, -p.in.halo.left), std::min(column_ + kWinogradInputs, p.in.width + p.in.halo.right)},
        plane_(p.x + p.in.offset(at.image, block, 0, 0)) {}

  /// Whether all of them lie in memory.
  bool whole() const { return rows_.size() == kWinogradInputs && columns_.size() == kWinogradInputs; }
  const float* source() const { return plane_ + row_ * planes_.row() + column_ * kChannelBlock; }

  /// 6×6 pixels; those outside memory are 0.
  void copy_to(float* copy) const {
    std::fill_n(copy, kWinogradPlaces * kChannelBlock, 0.0F);
    if (columns_.size() <= 0) return;
    for (std::int64_t y = rows_.begin; y < rows_.end; ++y)
      std::copy_n(plane_ + y * planes_.row() + columns_.begin * kChannelBlock, columns_.size() * kChannelBlock,
                  copy + ((y - row_) * kWinogradInputs + columns_.begin - column_) * kChannelBlock);
  }

 private:
  const Planes& planes_;
  std::int64_t row_, column_;
  Interval rows_, columns_;
  const float* plane_;
};

inline constexpr std::int64_t kOutputTileElements = kWinogradOutputs * kWinogradOutputs * kChannelBlock;

/// The pixels of a block's plane that a tile writes, and the piece of the halo beside them.
class OutputWindow {
 public:
  OutputWindow(const WinogradConv& p, const WinogradTiles& tiles, const WinogradTiles::At& at, std::int64_t block)
      : p_(p),
        rows_{at.row * kWinogradOutputs, std::min((at.row + 1) * kWinogradOutputs, p.out.height)},
        columns_{at.column * kWinogradOutputs, std::min((at.column + 1) * kWinogradOutputs, p.out.width)},
        halo_{.top = at.row == 0 ? p.out.halo.top : 0,
              .left = at.column == 0 ? p.out.halo.left : 0,
              .bottom = at.row == tiles.rows - 1 ? p.out.halo.bottom : 0,
              .right = at.column == tiles.columns - 1 ? p.out.halo.right : 0},
        y_(p.y + p.out.offset(at.image, block, rows_.begin, columns_.begin)),
        addend_(p.epilogue.addend == nullptr ? nullptr
                                             : p.epilogue.addend + p.epilogue.addend_planes.offset(
                                                                       at.image, block, rows_.begin, columns_.begin)) {}

  /// Whether the tile does not reach over the edge of the image.
  bool whole() const { return rows_.size() == kWinogradOutputs && columns_.size() == kWinogradOutputs; }
  float* target() const { return y_; }
  const float* addend() const { return addend_; }

  void copy_from(const float* tile) const {
    for (std::int64_t i = 0; i < rows_.size(); ++i)
      std::copy_n(tile + i * kRow, columns_.size() * kChannelBlock, y_ + i * p_.out.row());
  }

  void copy_addend_to(float* tile) const {
    std::fill_n(tile, kOutputTileElements, 0.0F);
    for (std::int64_t i = 0; i < rows_.size(); ++i)
      std::copy_n(addend_ + i * p_.epilogue.addend_planes.row(), columns_.size() * kChannelBlock, tile + i * kRow);
  }

  void clear_halo() const {
    const std::int64_t width = columns_.size();
    if (halo_ == Halo()) return;
    for (std::int64_t i = -halo_.top; i < rows_.size() + halo_.bottom; ++i) {
      float* row = y_ + i * p_.out.row();
      if (i < 0 || i >= rows_.size()) std::fill_n(row, width * kChannelBlock, 0.0F);
      std::fill_n(row - halo_.left * kChannelBlock, halo_.left * kChannelBlock, 0.0F);
      std::fill_n(row + width * kChannelBlock, halo_.right * kChannelBlock, 0.0F);
    }
  }

  /// Applies the activation of the problem to the pixels as they lie in y. The first `lanes` lanes of each pixel have a
  /// meaning; the others become 0, since the function need not be finite there.
  void activate_pixels(std::int64_t lanes) const {
    activate_rows(p_.epilogue.activation, y_, rows_.size(), columns_.size() * kChannelBlock, p_.out.row());
    if (lanes == kChannelBlock) return;
    for (std::int64_t i = 0; i < rows_.size(); ++i)
      for (std::int64_t j = 0; j < columns_.size(); ++j) {
        float* pixel = y_ + i * p_.out.row() + j * kChannelBlock;
        std::fill(pixel + lanes, pixel + kChannelBlock, 0.0F);
      }
  }

 private:
  static constexpr std::int64_t kRow = kWinogradOutputs * kChannelBlock;
  const WinogradConv& p_;
  Interval rows_, columns_;
  Halo halo_;
  float* y_;
  const float* addend_;
};

}  // namespace pleat
