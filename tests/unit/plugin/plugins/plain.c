/* A shared library that is no plugin. */
__attribute__((visibility("default"))) int plain(void) {
  return 1;
}
