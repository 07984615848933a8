#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "runtime/tensor/compare.h"

namespace pleat::cli {

using Json = nlohmann::ordered_json;

/// A result object of `verb`, carrying its schema.
Json result_of(std::string_view verb);

/// JSON has no NaN and no infinity: they become "nan", "inf" and "-inf".
Json number(double value);
Json numbers(const std::vector<double>& values);

/// Prints on stdout, one line.
void print(const Json& json);

/// Largest number of bytes this process ever had in memory, in MB (10^6).
double peak_memory_mb();

}  // namespace pleat::cli
