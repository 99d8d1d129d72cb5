#pragma once
#include <cassert>
#include <cstddef>

namespace gatehouse::client {

/// A link of an intrusive list: part of the object, so that queueing allocates nothing. In one list at a time.
template <class T>
struct Link {
  T* previous = nullptr;
  T* next = nullptr;
  bool linked = false;
};

/// Objects in the order of their arrival. Does not own them. [loop]
template <class T, Link<T> T::*member>
class List {
 public:
  bool empty() const noexcept { return first_ == nullptr; }
  std::size_t size() const noexcept { return size_; }
  T* first() const noexcept { return first_; }
  T* last() const noexcept { return last_; }
  static T* next(T* item) noexcept { return (item->*member).next; }

  void push_back(T* item) noexcept {
    Link<T>& link = item->*member;
    assert(!link.linked);
    link = {last_, nullptr, true};
    (last_ == nullptr ? first_ : (last_->*member).next) = item;
    last_ = item;
    ++size_;
  }
  void remove(T* item) noexcept {
    Link<T>& link = item->*member;
    assert(link.linked);
    (link.previous == nullptr ? first_ : (link.previous->*member).next) = link.next;
    (link.next == nullptr ? last_ : (link.next->*member).previous) = link.previous;
    link = {};
    --size_;
  }
  T* pop_front() noexcept {
    T* item = first_;
    if (item != nullptr) remove(item);
    return item;
  }

 private:
  T* first_ = nullptr;
  T* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace gatehouse::client
