// Added to a plugin: a call of something that no library has.
int gatehouse_test_nobody_has_this();
__attribute__((used)) static int use() {
  return gatehouse_test_nobody_has_this();
}
