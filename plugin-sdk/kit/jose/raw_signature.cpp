#include "raw_signature.hpp"

namespace gatehouse::kit::jose {

bool DerSignature::assign(std::string_view raw, std::string_view order) noexcept {
  constexpr std::size_t kLongest = 66;
  if (order.empty() || order.size() > kLongest || raw.size() != 2 * order.size()) return false;
  std::string_view numbers[] = {raw.substr(0, order.size()), raw.substr(order.size())};
  std::size_t content = 0;
  bool sign[2] = {};
  for (int i = 0; i < 2; ++i) {
    std::string_view& number = numbers[i];
    if (number >= order) return false;  // of one length, and chars compare as bytes: as numbers do
    const std::size_t zeros = number.find_first_not_of('\0');
    if (zeros == std::string_view::npos) return false;
    number.remove_prefix(zeros);
    sign[i] = (static_cast<unsigned char>(number.front()) & 0x80) != 0;
    content += 2 + number.size() + (sign[i] ? 1 : 0);
  }
  size_ = 0;
  put(0x30);
  if (content >= 0x80) put(0x81);
  put(static_cast<int>(content));
  for (int i = 0; i < 2; ++i) {
    put(0x02);
    put(static_cast<int>(numbers[i].size() + (sign[i] ? 1 : 0)));
    if (sign[i]) put(0);
    for (const char c : numbers[i]) der_[size_++] = c;
  }
  return true;
}

}  // namespace gatehouse::kit::jose
