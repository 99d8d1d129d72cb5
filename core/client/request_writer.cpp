#include "client/request_writer.hpp"

#include <sys/uio.h>

#include <algorithm>
#include <charconv>

namespace gatehouse::client {

using http::BodySource;

void RequestWriter::begin(net::Buffer head, const Framing& framing, BodySource* body) noexcept {
  head_ = std::move(head);
  framing_ = framing;
  body_ = body;
  length_left_ = framing.length;
  body_end_ = framing.kind == Framing::Kind::None;
  before_ = after_ = {};
  data_left_ = 0;
  written_ = 0;
  data_shown_ = body_waiting_ = body_failed_ = body_taken_ = done_ = false;
}

void RequestWriter::stop() noexcept {
  begin({}, {}, nullptr);
}

void RequestWriter::pull_body() noexcept {
  body_waiting_ = false;
  switch (body_->pull()) {
    case BodySource::State::Ready:
      data_left_ = body_->data().size();
      data_shown_ = true;
      if (framing_.kind == Framing::Kind::Length) {
        body_failed_ = static_cast<std::uint64_t>(length_left_) < data_left_;
      } else {
        char* end = std::to_chars(line_.data(), line_.data() + line_.size() - 2, data_left_, 16).ptr;
        *end++ = '\r';
        *end++ = '\n';
        before_ = {line_.data(), static_cast<std::size_t>(end - line_.data())};
        after_ = "\r\n";
      }
      return;
    case BodySource::State::Waiting:
      body_waiting_ = true;
      return;
    case BodySource::State::End:
      body_end_ = true;
      if (framing_.kind == Framing::Kind::Chunked)
        before_ = "0\r\n\r\n";
      else
        body_failed_ = length_left_ != 0;
      return;
    case BodySource::State::Failed:
      body_failed_ = true;
      return;
  }
}

// After consume() the body's bytes are only good again once it was pulled.
void RequestWriter::show_rest() noexcept {
  data_shown_ = body_->pull() == BodySource::State::Ready && body_->data().size() >= data_left_;
  body_failed_ = !data_shown_;
}

void RequestWriter::account(std::size_t n) noexcept {
  written_ += n;
  std::size_t part = std::min(n, head_.size());
  head_.consume(part);
  n -= part;
  if (head_.empty() && head_.has_memory()) head_.release();
  part = std::min(n, before_.size());
  before_.remove_prefix(part);
  n -= part;
  part = std::min(n, data_left_);
  if (part != 0) {
    body_taken_ = true;
    body_->consume(part);
    data_left_ -= part;
    data_shown_ = false;
    length_left_ -= static_cast<std::int64_t>(part);
    n -= part;
    if (framing_.kind == Framing::Kind::Length && length_left_ == 0) body_end_ = true;
  }
  after_.remove_prefix(std::min(n, after_.size()));
}

RequestWriter::State RequestWriter::run(net::Stream& stream) {
  for (;;) {
    // A whole chunk goes out before the next one is asked for: its parts are sent together.
    if (!body_end_ && data_left_ == 0 && after_.empty() && before_.empty()) pull_body();
    if (data_left_ != 0 && !data_shown_) show_rest();
    if (body_failed_) return State::BodyFailed;
    if (!pending()) {
      if (body_waiting_) return State::WaitBody;
      if (!body_end_) continue;
      done_ = true;
      return State::Done;
    }
    std::array<iovec, 4> parts;
    std::size_t count = 0;
    const auto add = [&](std::string_view bytes) {
      if (!bytes.empty()) parts[count++] = {const_cast<char*>(bytes.data()), bytes.size()};
    };
    add(head_.data());
    add(before_);
    if (data_left_ != 0) add(body_->data().substr(0, data_left_));
    add(after_);
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < count; ++i) wanted += parts[i].iov_len;
    const net::Io io = stream.write(std::span<const iovec>(parts.data(), count));
    if (io.state == net::Io::State::Blocked) return State::Blocked;
    if (io.state != net::Io::State::Ok) return State::Broken;
    account(io.bytes);
    if (io.bytes < wanted && !stream.writable()) return State::Blocked;
  }
}

}  // namespace gatehouse::client
