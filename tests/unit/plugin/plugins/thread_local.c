/* Added to a plugin: thread-local storage that has to be there from the start. */
__attribute__((tls_model("initial-exec"))) _Thread_local int gh_test_tls[64];
int gh_test_use_tls(int i);
int gh_test_use_tls(int i) {
  return ++gh_test_tls[i & 63];
}
