#pragma once

#include <string>

#include "runtime/base/result.h"

namespace pleat {

/// Opens `lib<name>.so`, a part of Pleat that is loaded on first need because what it links is slow to start. Looked
/// for in the folders of the environment variable PLEAT_MODULE_PATH (separated by colons), then in ../lib, ../lib/pleat
/// and the folder of the program, then beside the library this code lives in and in its folder `pleat`. Never
/// elsewhere. A module stays open to the end of the process; opening it again gives the same handle. Any thread may
/// call. Fails with kUnsupported where it is not found or cannot be loaded, telling why.
Result<void*> open_shared_module(const std::string& name);

/// The address of `symbol` in an opened module, else kInternal.
Result<void*> find_symbol(void* module, const std::string& symbol);

/// The function `symbol` of the module `name`, opened if need be.
template <class Function>
Result<Function*> module_function(const std::string& name, const std::string& symbol) {
  PLEAT_ASSIGN(void* const module, open_shared_module(name));
  PLEAT_ASSIGN(void* const address, find_symbol(module, symbol));
  return reinterpret_cast<Function*>(address);
}

}  // namespace pleat
