#include "server/request_body.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::server {
namespace {

// Below this, a chunked body goes on in a block of its own instead of in what the head left of its.
constexpr std::size_t kUsefulRoom = 4096;

}  // namespace

void RequestBody::begin(BodyInput& input, net::Buffer& in, const http::RequestHead& head) noexcept {
  input_ = &input;
  in_ = &in;
  framing_ = head.chunked ? Framing::Chunked : Framing::Length;
  length_ = left_ = head.chunked ? 0 : std::max<std::int64_t>(head.content_length, 0);
  limit_ = -1;
  received_ = 0;
  view_ = {};
  sink_ = nullptr;
  error_ = http::BodyError::None;
  begun_ = waiting_ = has_trailers_ = false;
  ended_ = !head.chunked && left_ == 0;
  expect_ = head.expect_continue && !ended_ && in.empty();  // whose body has begun does not wait
  if (head.chunked) decoder_.reset();
}

void RequestBody::detach() noexcept {
  input_ = nullptr;
  in_ = nullptr;
  sink_ = nullptr;
  view_ = {};
  waiting_ = false;
  more_.release();
  if (!ended_ && error_ == http::BodyError::None) error_ = http::BodyError::Closed;
}

http::BodySource::State RequestBody::pull() {
  if (error_ != http::BodyError::None) return State::Failed;
  if (!view_.empty()) return State::Ready;
  if (ended_) return State::End;
  if (!begun_) {
    begun_ = true;
    if (limit_ >= 0 && length_ > limit_) return failed_with(http::BodyError::TooLarge);
  }
  waiting_ = false;
  for (;;) {
    if (framing_ == Framing::Length ? take_length() : take_chunk())
      return error_ != http::BodyError::None ? State::Failed : ended_ ? State::End : State::Ready;
    if (const State state = read_more(); state != State::Ready) return state;
  }
}

bool RequestBody::take_length() {
  const std::string_view bytes = current().data();
  view_ =
      bytes.substr(0, static_cast<std::size_t>(std::min<std::int64_t>(left_, static_cast<std::int64_t>(bytes.size()))));
  return !view_.empty();
}

bool RequestBody::take_chunk() {
  std::size_t used = 0;
  std::size_t size = 0;
  const http::ChunkedDecoder::State state = decoder_.next(current().data(), used, size);
  drop(used);
  switch (state) {
    case http::ChunkedDecoder::State::Data:
      if (limit_ >= 0 && received_ + size > static_cast<std::uint64_t>(limit_)) {
        failed_with(http::BodyError::TooLarge);
        return true;
      }
      view_ = current().data().substr(0, size);
      return true;
    case http::ChunkedDecoder::State::End:
      ended_ = true;
      if (!decoder_.trailer_bytes().empty()) {
        trailers_.clear();
        http::read_trailers(decoder_.trailer_bytes(), trailers_);
        has_trailers_ = true;
      }
      return true;
    case http::ChunkedDecoder::State::Refused:
      failed_with(http::BodyError::Malformed);
      return true;
    case http::ChunkedDecoder::State::NeedMore:
      break;
  }
  return false;
}

// Everything at hand was used: reads on, behind it in the head's block while that is of use, else in one of its own.
http::BodySource::State RequestBody::read_more() {
  const std::size_t room = in_->room().size();
  const bool fits = framing_ == Framing::Length ? left_ <= static_cast<std::int64_t>(room) : room >= kUsefulRoom;
  if (!fits && !more_.has_memory()) more_ = input_->buffers().acquire(net::BufferPool::kLarge);
  net::Buffer& into = current();
  const net::Io io = input_->read_body(into.room());
  switch (io.state) {
    case net::Io::State::Ok:
      into.filled(io.bytes);
      expect_ = false;
      return State::Ready;
    case net::Io::State::Blocked:
      more_.release();
      waiting_ = true;
      if (std::exchange(expect_, false)) input_->send_continue();
      input_->body_is_awaited();
      return State::Waiting;
    case net::Io::State::End:
    case net::Io::State::Error:
      break;
  }
  return failed_with(http::BodyError::Closed);
}

http::BodySource::State RequestBody::failed_with(http::BodyError error) noexcept {
  error_ = error;
  view_ = {};
  waiting_ = false;
  return State::Failed;
}

void RequestBody::drop(std::size_t n) noexcept {
  if (more_.has_memory())
    more_.consume(n);
  else
    in_->skip(n);
}

void RequestBody::consume(std::size_t n) noexcept {
  if (n == 0 || in_ == nullptr) return;
  view_.remove_prefix(n);
  drop(n);
  received_ += n;
  if (framing_ == Framing::Chunked) {
    decoder_.consumed(n);
    return;
  }
  left_ -= static_cast<std::int64_t>(n);
  if (left_ == 0) ended_ = true;
}

void RequestBody::wake() {
  if (!std::exchange(waiting_, false)) return;
  if (sink_ != nullptr) sink_->on_body();
}

void RequestBody::fail(http::BodyError error) {
  const bool awaited = waiting_;
  failed_with(error);
  if (awaited && sink_ != nullptr) sink_->on_body();
}

}  // namespace gatehouse::server
