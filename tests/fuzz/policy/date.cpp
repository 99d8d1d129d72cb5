// A date: against a reader that counts the days one by one. Two of them in order, a line end between.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "policy/date.hpp"
#include "policy/decimal.hpp"
#include "property/policy/naive_values.hpp"

namespace {

using namespace gatehouse::policy;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 64));
  const auto fast = parse_date(text);
  const auto slow = naive::date(text);
  if (!naive::all_digits(text) || text.size() <= 15) {
    require(fast.has_value() == slow.has_value());
    if (fast) require(fast->unix_seconds == slow->first && fast->nanoseconds == slow->second);
  }
  // Numbers, while we are here: ordered as long doubles have them, while those are exact.
  const std::size_t end = text.find('\n');
  if (end == std::string::npos || end > 15 || text.size() - end > 16) return 0;
  const std::string a = text.substr(0, end), b = text.substr(end + 1);
  const auto x = Decimal::parse(a), y = Decimal::parse(b);
  require(x.has_value() == naive::number(a).has_value());
  require(y.has_value() == naive::number(b).has_value());
  if (!x || !y) return 0;
  const long double m = *naive::number(a), n = *naive::number(b);
  require((*x < *y) == (m < n) && (*x == *y) == (m == n));
  return 0;
}
