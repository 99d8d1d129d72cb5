// plugins/examples/rust_token: the library, as its README describes it.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <gatehouse/testing.hpp>

namespace {

namespace gt = gatehouse::testing;

gh_module_fn entry() {
  static void* const library = dlopen(GATEHOUSE_RUST_TOKEN, RTLD_NOW | RTLD_LOCAL);
  return library != nullptr ? reinterpret_cast<gh_module_fn>(dlsym(library, GH_ENTRY_NAME)) : nullptr;
}

TEST(RustToken, Decides) {
  ASSERT_NE(entry(), nullptr) << dlerror();
  gt::Harness h(R"({"token": "s3cret-token-value"})", entry());
  const struct {
    const char* given;
    std::uint32_t kind;
  } cases[] = {{"", GH_UNAUTHORIZED},           {"wrong", GH_DENY},
               {"s3cret-token-valu", GH_DENY},  {"s3cret-token-value2", GH_DENY},
               {"S3cret-token-value", GH_DENY}, {"s3cret-token-value", GH_ALLOW}};
  for (const auto& c : cases) {
    const auto a = h.authorize(gt::request("GET", "/").header("X-Token", c.given));
    EXPECT_EQ(a.kind(), c.kind) << c.given;
    EXPECT_EQ(a.challenge(), c.kind == GH_UNAUTHORIZED ? "Token" : "");
    EXPECT_EQ(a.context("tier"), c.kind == GH_ALLOW ? "gold" : "");
    EXPECT_EQ(a.principal(), c.kind == GH_ALLOW ? "token-user" : "");
  }
  EXPECT_TRUE(h.authorize(gt::request("GET", "/")).unauthorized());
  EXPECT_TRUE(h.authorize(gt::request("GET", "/").header("x-token", "s3cret-token-value").header("x-token", "x"))
                  .unauthorized());
  EXPECT_EQ(h.threads(8).repeat(1000, gt::request("GET", "/").header("x-token", "s3cret-token-value")).allowed, 8000u);
  EXPECT_NE(h.description().flags & GH_F_NEVER_UNLOAD, 0u);
}

TEST(RustToken, HoldsItsSettingsItself) {
  ASSERT_NE(entry(), nullptr);
  EXPECT_NE(gt::Harness(R"({"token": "short"})", entry()).refusal(), "");
  EXPECT_NE(gt::Harness("{}", entry()).refusal(), "");
}

}  // namespace

// The entry that a Harness takes unless it is given one: this program has no plugin of its own.
extern "C" const gh_module* GH_CALL gatehouse_module_v1(void) {
  return nullptr;
}
