#include "runtime/base/shared_module.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

namespace pleat {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> module_folders() {
  std::vector<fs::path> folders;
  if (const char* listed = std::getenv("PLEAT_MODULE_PATH")) {
    std::istringstream stream(listed);
    for (std::string folder; std::getline(stream, folder, ':');)
      if (!folder.empty()) folders.emplace_back(folder);
  }
  std::error_code error;
  if (const fs::path program = fs::read_symlink("/proc/self/exe", error); !error) {
    const fs::path folder = program.parent_path();
    folders.insert(folders.end(), {folder / "../lib", folder / "../lib/pleat", folder});
  }
  Dl_info here{};
  if (::dladdr(reinterpret_cast<const void*>(&open_shared_module), &here) != 0 && here.dli_fname != nullptr) {
    if (const fs::path self = fs::absolute(here.dli_fname, error); !error)
      folders.insert(folders.end(), {self.parent_path(), self.parent_path() / "pleat"});
  }
  return folders;
}

std::string last_loader_error() {
  const char* text = ::dlerror();
  return text != nullptr ? text : "";
}

}  // namespace

Result<void*> open_shared_module(const std::string& name) {
  std::string searched;
  for (const fs::path& folder : module_folders()) {
    const fs::path file = folder / ("lib" + name + ".so");
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
      searched += (searched.empty() ? "" : ", ") + folder.string();
      continue;
    }
    if (void* module = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) return module;
    return fail(Error::unsupported("a part of Pleat cannot be loaded")
                    .at(file.string())
                    .saw(last_loader_error())
                    .fix("install the Debian packages it needs"));
  }
  return fail(Error::unsupported("the part lib" + name + ".so of Pleat is not installed")
                  .expect("in one of " + searched)
                  .fix("install Pleat whole, or name its folder in PLEAT_MODULE_PATH"));
}

Result<void*> find_symbol(void* module, const std::string& symbol) {
  if (void* address = ::dlsym(module, symbol.c_str())) return address;
  return fail(Error::internal("a part of Pleat lacks the function '" + symbol + "'")
                  .saw(last_loader_error())
                  .fix("install program and parts of one version"));
}

}  // namespace pleat
