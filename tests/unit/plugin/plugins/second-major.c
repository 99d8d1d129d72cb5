/* A library of an ABI major that does not exist yet. */
#include <gatehouse/abi.h>

#if defined(__has_attribute)
#if __has_attribute(retain)
__attribute__((retain))
#endif
#endif
__attribute__((section(".gatehouse"), used)) static const char manifest[] =
    "GATEHOUSE-PLUGIN/1\nabi=2.0\nid=test.second-major\nversion=1.0.0\n";

GH_EXPORT const void* gatehouse_module_v2(void) {
  return NULL;
}
