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

void Buffer::abandon() noexcept {
  bytes_ = nullptr;
  pool_ = nullptr;
  begin_ = end_ = capacity_ = 0;
}

BufferPool::BufferPool() : small_(kSmall), large_(kLarge) {}

Buffer BufferPool::acquire(std::size_t size) {
  Buffer out;
  const std::size_t capacity = size <= kSmall ? kSmall : size <= kLarge ? kLarge : size;
  out.bytes_ = capacity == kSmall   ? static_cast<char*>(small_.take())
               : capacity == kLarge ? static_cast<char*>(large_.take())
                                    : new char[capacity];
  out.pool_ = this;
  out.capacity_ = static_cast<std::uint32_t>(capacity);
  in_use_ += capacity;
  return out;
}

void BufferPool::give_back(char* bytes, std::size_t capacity) noexcept {
  in_use_ -= capacity;
  if (capacity == kSmall)
    small_.give_back(bytes);
  else if (capacity == kLarge)
    large_.give_back(bytes);
  else
    delete[] bytes;
}

}  // namespace gatehouse::net
