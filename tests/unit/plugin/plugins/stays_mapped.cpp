// Holds its own library for ever, as a thread_local object of a thread that lives on does by accident.
#include <dlfcn.h>

namespace {

[[gnu::constructor]] void hold() {
  Dl_info self;
  if (::dladdr(reinterpret_cast<const void*>(&hold), &self) != 0) ::dlopen(self.dli_fname, RTLD_NOW);
}

}  // namespace
