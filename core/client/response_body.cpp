#include "client/response_body.hpp"

#include <algorithm>

namespace gatehouse::client {
namespace {

// Less room than this behind the first bytes is not worth a read of its own.
constexpr std::size_t kLeastRoom = 4096;

}  // namespace

void ResponseBody::begin(net::Stream& stream, net::Buffer& first, Kind kind, std::int64_t length) {
  stream_ = &stream;
  first_ = &first;
  kind_ = kind;
  length_ = left_ = kind == Kind::Length ? length : 0;
  limit_ = std::numeric_limits<std::int64_t>::max();
  size_ = 0;
  error_ = http::BodyError::None;
  over_ = waiting_ = false;
  sink_ = nullptr;
  trailers_.clear();
  if (kind == Kind::Chunked) decoder_.reset();
  const auto here = static_cast<std::int64_t>(first.size());
  if (kind == Kind::None || (kind == Kind::Length && here >= left_)) received();
}

void ResponseBody::reset() noexcept {
  stream_ = nullptr;
  first_ = nullptr;
  more_.release();
  sink_ = nullptr;
  waiting_ = false;
  size_ = 0;
}

void ResponseBody::wake() {
  if (!waiting_) return;
  waiting_ = false;
  if (sink_ != nullptr) sink_->on_body();
}

void ResponseBody::break_off(http::BodyError error) {
  if (stream_ == nullptr) return;
  failed(error);
  wake();
}

std::int64_t ResponseBody::length() const noexcept {
  return kind_ == Kind::None || kind_ == Kind::Length ? length_ : -1;
}

void ResponseBody::received() noexcept {
  over_ = true;
  stream_ = nullptr;
  const auto here = static_cast<std::int64_t>(bytes().size());
  host_.body_received(kind_ != Kind::UntilClose && here <= left_);
}

http::BodySource::State ResponseBody::failed(http::BodyError error) noexcept {
  error_ = error;
  size_ = 0;
  if (stream_ != nullptr) {
    stream_ = nullptr;
    host_.body_broken();
  }
  return State::Failed;
}

void ResponseBody::drop(std::size_t n) noexcept {
  if (more_.has_memory())
    more_.consume(n);
  else
    first_->skip(n);
}

bool ResponseBody::show(std::size_t size) noexcept {
  at_hand_ = bytes().data().data();
  size_ = static_cast<std::size_t>(std::min(static_cast<std::int64_t>(size), limit_));
  return size != 0;
}

// What the bytes at hand say, without a read.
ResponseBody::Look ResponseBody::look() {
  switch (kind_) {
    case Kind::None:
      return Look::Over;
    case Kind::Length:
      if (left_ == 0) return Look::Over;
      return show(std::min(bytes().size(), static_cast<std::size_t>(left_))) ? Look::Found : Look::Nothing;
    case Kind::UntilClose:
      if (show(bytes().size())) return Look::Found;
      return over_ ? Look::Over : Look::Nothing;
    case Kind::Chunked: {
      if (over_) return Look::Over;
      std::size_t used = 0;
      std::size_t size = 0;
      const auto state = decoder_.next(bytes().data(), used, size);
      drop(used);
      switch (state) {
        case http::ChunkedDecoder::State::Data:
          return show(size) ? Look::Found : Look::Nothing;
        case http::ChunkedDecoder::State::NeedMore:
          return Look::Nothing;
        case http::ChunkedDecoder::State::End:
          http::read_trailers(decoder_.trailer_bytes(), trailers_);
          received();
          return Look::Over;
        case http::ChunkedDecoder::State::Refused:
          failed(http::BodyError::Malformed);
          return Look::Over;
      }
    }
  }
  return Look::Over;
}

http::BodySource::State ResponseBody::pull() {
  waiting_ = false;
  if (error_ != http::BodyError::None) return State::Failed;
  if (size_ != 0) return State::Ready;
  for (;;) {
    switch (look()) {
      case Look::Found:
        return size_ != 0 ? State::Ready : failed(http::BodyError::TooLarge);
      case Look::Over:
        return error_ == http::BodyError::None ? State::End : State::Failed;
      case Look::Nothing:
        break;
    }
    if (!read()) return error_ == http::BodyError::None ? State::Waiting : State::Failed;
  }
}

// False: nothing came, or it failed.
bool ResponseBody::read() {
  if (!make_room()) {
    failed(http::BodyError::Malformed);
    return false;
  }
  const net::Io io = stream_->read(bytes().room());
  switch (io.state) {
    case net::Io::State::Ok:
      bytes().filled(io.bytes);
      if (kind_ == Kind::Length && static_cast<std::int64_t>(bytes().size()) >= left_) received();
      return true;
    case net::Io::State::Blocked:
      waiting_ = true;
      host_.body_waits();
      return false;
    case net::Io::State::End:
      if (kind_ == Kind::UntilClose) {
        received();
        return true;
      }
      [[fallthrough]];
    case net::Io::State::Error:
      failed(http::BodyError::Closed);
      return false;
  }
  return false;
}

// Called when no payload is at hand: what is left in the buffer is framing, if anything.
bool ResponseBody::make_room() {
  if (more_.has_memory()) {
    if (more_.room().size() < kLeastRoom) more_.compact();
    return !more_.room().empty();
  }
  const std::size_t room = first_->room().size();
  const bool enough = kind_ == Kind::Length ? static_cast<std::size_t>(left_) <= room : room >= kLeastRoom;
  if (enough) return true;
  const bool small = kind_ == Kind::Length && static_cast<std::size_t>(left_) < net::BufferPool::kSmall;
  net::Buffer more = buffers_.acquire(small ? net::BufferPool::kSmall : net::BufferPool::kLarge);
  more.append(first_->data());
  first_->skip(first_->size());
  more_ = std::move(more);
  return true;
}

void ResponseBody::consume(std::size_t n) noexcept {
  size_ -= n;
  at_hand_ += n;
  if (kind_ == Kind::Length) left_ -= static_cast<std::int64_t>(n);
  limit_ -= static_cast<std::int64_t>(n);
  if (kind_ == Kind::Chunked) decoder_.consumed(n);
  drop(n);
}

}  // namespace gatehouse::client
