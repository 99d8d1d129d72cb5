#include "conformance/records.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace gatehouse::conformance {
namespace {

std::string written(char what, std::string_view text) {
  int fds[2];
  if (::pipe(fds) != 0) return {};
  write_record(fds[1], what, text);
  ::close(fds[1]);
  std::string out(65536, '\0');
  const ssize_t n = ::read(fds[0], out.data(), out.size());
  ::close(fds[0]);
  out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return out;
}

TEST(Records, AreReadHoweverTheyAreCut) {
  const std::string bytes = written(kAt, "here") + written(kFetched, "") + written(kVerdict, std::string("0\0x", 3));
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    Records records;
    std::string seen;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      records.add(std::string_view(bytes).substr(at, step));
      for (Record r; records.next(r);) seen += r.what + ("<" + r.text + ">");
    }
    EXPECT_EQ(seen, std::string("a<here>f<>v<0\0x>", 16)) << step;
    EXPECT_FALSE(records.broken());
  }
}

TEST(Records, OneThatIsTooLongIsBroken) {
  Records records;
  records.add(std::string("a\xff\xff\xff\xff", 5));
  Record r;
  EXPECT_FALSE(records.next(r));
  EXPECT_TRUE(records.broken());
}

}  // namespace
}  // namespace gatehouse::conformance
