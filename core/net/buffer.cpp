#include "net/buffer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace gatehouse::net {

Buffer::Buffer(Buffer&& other) noexcept
    : bytes_(std::exchange(other.bytes_, nullptr)),
      pool_(std::exchange(other.pool_, nullptr)),
      begin_(std::exchange(other.begin_, 0)),
      end_(std::exchange(other.end_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this != &other) {
    release();
    bytes_ = std::exchange(other.bytes_, nullptr);
    pool_ = std::exchange(other.pool_, nullptr);
    begin_ = std::exchange(other.begin_, 0);
    end_ = std::exchange(other.end_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
  }
  return *this;
}

std::size_t Buffer::append(std::string_view text) noexcept {
  const std::size_t n = std::min(text.size(), room().size());
  if (n == 0) return 0;
  std::memcpy(bytes_ + end_, text.data(), n);
  filled(n);
  return n;
}

void Buffer::compact() noexcept {
  if (begin_ == 0) return;
  std::memmove(bytes_, bytes_ + begin_, size());
  end_ -= begin_;
  begin_ = 0;
}

void Buffer::release() noexcept {
  if (bytes_ == nullptr) return;
  pool_->give_back(bytes_, capacity_);
  bytes_ = nullptr;
  pool_ = nullptr;
  begin_ = end_ = capacity_ = 0;
}

// Room for every block that can ever be kept is taken here, so that giving one back cannot fail.
BufferPool::BufferPool(std::size_t kept_bytes) : kept_limit_(kept_bytes) {
  small_.reserve(kept_bytes / kSmall);
  large_.reserve(kept_bytes / kLarge);
}

BufferPool::~BufferPool() {
  for (char* block : small_) delete[] block;
  for (char* block : large_) delete[] block;
}

Buffer BufferPool::acquire(std::size_t size) {
  Buffer out;
  const std::size_t capacity = size <= kSmall ? kSmall : size <= kLarge ? kLarge : size;
  std::vector<char*>* kept = capacity == kSmall ? &small_ : capacity == kLarge ? &large_ : nullptr;
  if (kept != nullptr && !kept->empty()) {
    out.bytes_ = kept->back();
    kept->pop_back();
    kept_ -= capacity;
  } else {
    out.bytes_ = new char[capacity];
  }
  out.pool_ = this;
  out.capacity_ = static_cast<std::uint32_t>(capacity);
  in_use_ += capacity;
  return out;
}

void BufferPool::give_back(char* bytes, std::size_t capacity) noexcept {
  in_use_ -= capacity;
  std::vector<char*>* kept = capacity == kSmall ? &small_ : capacity == kLarge ? &large_ : nullptr;
  if (kept == nullptr || kept_ + capacity > kept_limit_) {
    delete[] bytes;
    return;
  }
  kept->push_back(bytes);
  kept_ += capacity;
}

}  // namespace gatehouse::net
