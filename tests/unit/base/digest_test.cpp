#include "base/digest.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace gatehouse::base {
namespace {

TEST(Digest, Sha256OfAbcIsFips180sExample) {
  const Sha256 digest = sha256("abc");
  EXPECT_EQ(hex({reinterpret_cast<const char*>(digest.data()), digest.size()}),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace gatehouse::base
