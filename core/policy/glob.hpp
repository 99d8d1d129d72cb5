#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace gatehouse::policy {

/// A unit of a glob is a byte or one of these.
constexpr std::uint16_t kStar = 0x100;  // any characters
constexpr std::uint16_t kOne = 0x101;   // one character

/// One byte of UTF-8 with the case folded; `before` is the byte before it. A-Z, and U+00C0 to U+00DE but the times
/// sign, whose second bytes follow 0xC3. Idempotent.
constexpr unsigned char fold(unsigned char c, unsigned char before) noexcept {
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned char>(c + 32);
  if (before == 0xc3 && c >= 0x80 && c <= 0x9e && c != 0x97) return static_cast<unsigned char>(c + 32);
  return c;
}

/// Told of every unit that is compared: nobody, or a test that holds the matcher to its bound.
struct NoMeter {
  void operator()() const noexcept {}
};

/// Matches a glob against a whole text. Both may be a client's (a variable brings one, a header the other), so neither
/// multiplies with the other: what stands between two stars is searched for by memmem, which is linear in glibc and
/// musl, or, when it is long, has a `?` or folds case, by Knuth, Morris and Pratt's rule, once for each literal between
/// its `?`s. Only a policy's author can write those (who may be a client: a session has a policy of its caller's);
/// where they are dense, all places are carried along at once, 64 a word. Short segments are tried at each place, which
/// is quicker and as bounded. The first place is always the right one, since it leaves the rest the most room; what
/// stands before the first star and behind the last has only one place.
///
/// A character is a well-formed sequence of UTF-8 or one byte that is part of none. No recursion; allocates for
/// literals and texts longer than some hundred and some thousand bytes.
template <bool kFold, class Meter = NoMeter>
class Glob {
 public:
  /// Folded when kFold is set.
  using Units = std::span<const std::uint16_t>;

  explicit Glob(std::string_view text, Meter meter = {}) : text_(text), limit_(text.size()), meter_(meter) {}

  bool matches(Units units) {
    const std::size_t star = find_star(units, 0);
    if (!take_front(units.first(star))) return false;
    if (star == units.size()) return at_ == limit_;
    // Behind a star `?` may as well stand before it.
    std::size_t last = units.size();
    while (units[last - 1] != kStar) --last;
    Units tail = units.subspan(last);
    std::size_t ones = 0;
    while (!tail.empty() && tail.front() == kOne) {
      ++ones;
      tail = tail.subspan(1);
    }
    if (!take_back(tail)) return false;
    for (std::size_t from = star + 1; from < last;) {
      const std::size_t end = find_star(units, from);
      if (!find(units.subspan(from, end - from))) return false;
      from = end + 1;
    }
    return skip(ones);
  }

 private:
  static constexpr std::size_t kShort = 32;     // units of a segment that is tried at each place
  static constexpr std::size_t kRoom = 256;     // bytes of a literal whose table needs no memory of its own
  static constexpr std::size_t kPlaces = 4096;  // bytes of a text whose places need none

  /// A list with room for the usual number of elements.
  template <class T, std::size_t kUsual>
  class List {
   public:
    T* of(std::size_t size) {
      if (size <= kUsual) return few_.data();
      many_.resize(size);
      return many_.data();
    }

   private:
    std::array<T, kUsual> few_;
    std::vector<T> many_;
  };

  static std::size_t find_star(Units units, std::size_t from) noexcept {
    while (from < units.size() && units[from] != kStar) ++from;
    return from;
  }

  std::uint16_t byte(std::size_t at) const noexcept {
    const auto c = static_cast<unsigned char>(text_[at]);
    if constexpr (kFold) return fold(c, at > 0 ? static_cast<unsigned char>(text_[at - 1]) : 0);
    return c;
  }

  /// Behind the character at `at`, which is below limit_.
  std::size_t next(std::size_t at) const noexcept {
    if (static_cast<unsigned char>(text_[at]) < 0x80) return at + 1;
    const std::size_t size = base::utf8_sequence(text_.substr(0, limit_), at);
    return at + (size == 0 ? 1 : size);
  }

  /// Of the character that ends before `end`, which is not 0.
  std::size_t previous(std::size_t end) const noexcept {
    for (std::size_t size = 2; size <= 4 && size <= end; ++size)
      if (base::utf8_sequence(text_.substr(0, end), end - size) == size) return end - size;
    return end - 1;
  }

  bool skip(std::size_t characters) {
    for (; characters > 0; --characters) {
      meter_();
      if (at_ >= limit_) return false;
      at_ = next(at_);
    }
    return true;
  }

  /// Whether `units`, without a star, stand at `at`; then `at` is behind them.
  bool stand_at(Units units, std::size_t& at) {
    for (const std::uint16_t unit : units) {
      meter_();
      if (at >= limit_) return false;
      if (unit == kOne)
        at = next(at);
      else if (unit == byte(at))
        ++at;
      else
        return false;
    }
    return true;
  }

  bool take_front(Units units) { return stand_at(units, at_); }

  bool take_back(Units units) {
    std::size_t end = limit_;
    for (std::size_t i = units.size(); i-- > 0;) {
      meter_();
      if (end <= at_) return false;
      if (units[i] == kOne)
        end = previous(end);
      else if (units[i] == byte(end - 1))
        --end;
      else
        return false;
    }
    if (end < at_) return false;
    limit_ = end;
    return true;
  }

  /// Takes everything up to the first place of a segment, and the segment.
  bool find(Units units) {
    while (!units.empty() && units.front() == kOne) {
      if (!skip(1)) return false;
      units = units.subspan(1);
    }
    std::size_t behind = 0;
    while (!units.empty() && units.back() == kOne) {
      ++behind;
      units = units.first(units.size() - 1);
    }
    if (!units.empty() && !find_from_at(units)) return false;
    return skip(behind);
  }

  bool find_from_at(Units units) {
    const auto ones = static_cast<std::size_t>(std::count(units.begin(), units.end(), kOne));
    if constexpr (!kFold)
      if (units.size() <= kRoom && ones == 0) return find_plain(units);
    if (units.size() <= kShort) return find_short(units);
    return ones * 64 <= units.size() ? find_long(units) : find_dense(units);
  }

  bool find_plain(Units units) {
    std::array<char, kRoom> wanted;
    std::transform(units.begin(), units.end(), wanted.begin(), [](std::uint16_t u) { return static_cast<char>(u); });
    const char* const from = text_.data() + at_;
    const void* const found = ::memmem(from, limit_ - at_, wanted.data(), units.size());
    if (found == nullptr) return false;
    at_ += static_cast<std::size_t>(static_cast<const char*>(found) - from) + units.size();
    return true;
  }

  bool find_short(Units units) {
    for (std::size_t from = at_; from + units.size() <= limit_; ++from) {
      std::size_t at = from;
      if (!stand_at(units, at)) continue;
      at_ = at;
      return true;
    }
    return false;
  }

  // Not inline: its arrays are not to be made room for where nothing is long.
  [[gnu::noinline]] bool find_long(Units units) {
    const std::size_t size = limit_ - at_, words = size / 64 + 1;
    if (units.size() > size) return false;
    List<std::uint64_t, kPlaces / 64> here_list, next_list;
    std::uint64_t* here = nullptr;  // bits: where the text so far may end; nullptr: anywhere
    const auto place = [&](std::uint64_t* all, std::size_t at) { return (all[at / 64] >> at % 64 & 1u) != 0; };
    const auto mark = [&](std::uint64_t* all, std::size_t at) { all[at / 64] |= std::uint64_t{1} << at % 64; };
    while (true) {
      std::size_t literal = 0;
      while (literal < units.size() && units[literal] != kOne) ++literal;
      const Units wanted = units.first(literal);
      units = units.subspan(literal);
      const bool last = units.empty();
      std::uint64_t* const found = last ? nullptr : next_list.of(words);
      if (!last) std::fill_n(found, words, 0);
      bool any = false;
      const auto take = [&](std::size_t end) {
        if (here != nullptr && !place(here, end - literal)) return false;
        any = true;
        if (!last) mark(found, end);
        return last;
      };
      const std::optional<std::size_t> end = each_place(wanted, size, take);
      if (last || !any) {
        if (end) at_ += *end;
        return end.has_value();
      }
      std::size_t ones = 0;
      while (ones < units.size() && units[ones] == kOne) ++ones;
      units = units.subspan(ones);
      here = here_list.of(words);
      std::fill_n(here, words, 0);
      std::size_t ahead = at_;
      for (; ones > 0 && ahead < limit_; --ones) ahead = next(ahead);
      if (ones > 0) return false;
      for (std::size_t from = at_;; from = next(from), ahead = next(ahead)) {
        meter_();
        if (place(found, from - at_)) mark(here, ahead - at_);
        if (ahead >= limit_) break;
      }
    }
  }

  /// Unit by unit: the set of places that what was read of the units may end at, as the bits of words.
  [[gnu::noinline]] bool find_dense(Units units) {
    const std::size_t size = limit_ - at_, words = size / 64 + 1;
    // Where each byte that the units name stands, and where characters of two, three and four bytes begin.
    constexpr std::size_t kWide = 3;
    constexpr std::uint16_t kNone = 0xffff;
    std::array<std::uint16_t, 256> row_of;
    row_of.fill(kNone);
    std::size_t rows = kWide;
    for (const std::uint16_t unit : units)
      if (unit != kOne && row_of[unit] == kNone) row_of[unit] = static_cast<std::uint16_t>(rows++);
    List<std::uint64_t, kPlaces / 8> places;
    std::uint64_t* const all = places.of((rows + 1) * words);
    std::fill_n(all, (rows + 1) * words, 0);
    const auto row = [&](std::size_t which) { return all + which * words; };
    bool wide = false;
    for (std::size_t i = 0; i < size; ++i) {
      meter_();
      const std::uint64_t bit = std::uint64_t{1} << i % 64;
      if (const std::uint16_t which = row_of[byte(at_ + i)]; which != kNone) row(which)[i / 64] |= bit;
      if (const std::size_t more = next(at_ + i) - (at_ + i); more > 1) {
        row(more - 2)[i / 64] |= bit;
        wide = true;
      }
    }
    std::uint64_t* const here = row(rows);
    std::fill_n(here, size / 64, ~std::uint64_t{0});
    if (size % 64 != 0) here[size / 64] = (std::uint64_t{1} << size % 64) - 1;
    // What is at `size` has nothing behind it: only the last unit may leave a place there.
    const auto inside = [&](std::size_t w) {
      return w < size / 64 ? here[w] : here[w] & ((std::uint64_t{1} << size % 64) - 1);
    };
    for (const std::uint16_t unit : units) {
      std::uint64_t any = 0;
      for (std::size_t w = words; w-- > 0;) {
        meter_();
        std::uint64_t out = 0;
        const auto shift = [&](std::uint64_t from, std::uint64_t below, std::size_t by) {
          out |= from << by | below >> (64 - by);
        };
        const std::uint64_t from = inside(w), below = w > 0 ? inside(w - 1) : 0, lower = w > 0 ? w - 1 : 0;
        if (unit != kOne) {
          const std::uint64_t* const stands = row(row_of[unit]);
          shift(from & stands[w], below & stands[lower], 1);
        } else if (!wide) {
          shift(from, below, 1);
        } else {
          std::uint64_t narrow = from, narrow_below = below;
          for (std::size_t bytes = 2; bytes <= 4; ++bytes) {
            const std::uint64_t* const begins = row(bytes - 2);
            shift(from & begins[w], below & begins[lower], bytes);
            narrow &= ~begins[w];
            narrow_below &= ~begins[lower];
          }
          shift(narrow, narrow_below, 1);
        }
        here[w] = out;
        any |= out;
      }
      if (any == 0) return false;
    }
    std::size_t first = 0;
    while (here[first] == 0) ++first;
    at_ += first * 64 + static_cast<std::size_t>(std::countr_zero(here[first]));
    return true;
  }

  /// Calls take(end) for each place of `wanted` in the `size` bytes from at_ on, until it says true.
  template <class Take>
  std::optional<std::size_t> each_place(Units wanted, std::size_t size, Take take) {
    List<std::uint32_t, kRoom> list;
    // border[i]: of the first i + 1 units, how many at their end are also at their beginning.
    std::uint32_t* const border = list.of(wanted.size());
    border[0] = 0;
    std::uint32_t fits = 0;
    for (std::size_t i = 1; i < wanted.size(); ++i) {
      for (meter_(); fits > 0 && wanted[i] != wanted[fits]; meter_()) fits = border[fits - 1];
      if (wanted[i] == wanted[fits]) ++fits;
      border[i] = fits;
    }
    fits = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint16_t have = byte(at_ + i);
      for (meter_(); fits > 0 && have != wanted[fits]; meter_()) fits = border[fits - 1];
      if (have == wanted[fits]) ++fits;
      if (fits < wanted.size()) continue;
      if (take(i + 1)) return i + 1;
      fits = border[fits - 1];
    }
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_ = 0;  // what is before it is taken
  std::size_t limit_;   // what is behind it, too
  Meter meter_;
};

}  // namespace gatehouse::policy
