#include "server/response_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "server/response_head.hpp"

namespace gatehouse::server {
namespace {

// Chunks up to this size are copied behind one another, so that several of them, and the last one, go out at once.
constexpr std::size_t kSmallChunk = 4096;
// A size of 16 hex digits and three line ends, and the last chunk.
constexpr std::size_t kChunkFrame = 32;
// System calls for one response before others get their turn.
constexpr int kRounds = 8;

void append_size(net::Buffer& out, std::size_t size) noexcept {
  char* const at = out.room().data();
  char* const end = std::to_chars(at, at + 16, size, 16).ptr;
  end[0] = '\r';
  end[1] = '\n';
  out.filled(static_cast<std::size_t>(end + 2 - at));
}

}  // namespace

void ResponseWriter::reset() noexcept {
  out_.release();
  body_ = nullptr;
  owed_ = {};
  left_ = 0;
  chunk_left_ = 0;
  sent_ = body_sent_ = 0;
  framing_ = Framing::None;
  ended_ = closes_ = with_trailers_ = false;
}

bool ResponseWriter::begin(const http::ResponseHead& head, http::BodySource* body, const ResponseShape& shape,
                           net::BufferPool& pool) {
  if (!is_writable(head)) return false;
  pool_ = &pool;
  const bool bodiless = shape.to_head || http::never_has_body(head.status);
  const std::int64_t length = body == nullptr ? 0 : body->length();
  HeadFraming framing;
  framing.date_line = shape.date_line;
  framing.server_name = shape.server_name;
  body_ = bodiless ? nullptr : body;
  left_ = 0;
  chunk_left_ = 0;
  ended_ = false;
  closes_ = !shape.keep_alive;
  with_trailers_ = shape.with_trailers;
  if (bodiless) {
    framing_ = Framing::None;
    framing.keep_given_length = head.status != 204;
    if (shape.to_head && !http::never_has_body(head.status) && body != nullptr) framing.content_length = length;
  } else if (length >= 0) {
    framing_ = Framing::Length;
    left_ = framing.content_length = length;
  } else if (shape.old_client) {
    framing_ = Framing::Close;
    closes_ = true;
  } else {
    framing_ = Framing::Chunked;
    framing.chunked = true;
  }
  if (closes_)
    framing.connection = "close";
  else if (shape.old_client)
    framing.connection = "keep-alive";
  out_ = build_head(head, framing, pool);
  return true;
}

void ResponseWriter::send_ahead(net::Stream& stream, std::string_view text) {
  owed_ = text;
  flush_ahead(stream);
}

bool ResponseWriter::flush_ahead(net::Stream& stream) {
  if (owed_.empty()) return true;
  const net::Io io = stream.write(owed_);
  owed_.remove_prefix(io.bytes);
  return io.state != net::Io::State::Error;
}

net::Buffer& ResponseWriter::out() {
  if (!out_.has_memory()) out_ = pool_->acquire(net::BufferPool::kSmall);
  return out_;
}

ResponseWriter::Gathered ResponseWriter::gather(std::string_view& data) {
  if (ended_) return Gathered::Ended;
  if (framing_ == Framing::Chunked) return gather_chunk(data);
  for (;;) {
    if (framing_ == Framing::None || (framing_ == Framing::Length && left_ == 0)) {
      // The source learns that its end was reached; whatever it says, the message is whole.
      if (body_ != nullptr) static_cast<void>(body_->pull());
      ended_ = true;
      return Gathered::Ended;
    }
    switch (body_->pull()) {
      case http::BodySource::State::Ready:
        data = body_->data();
        if (framing_ == Framing::Length && static_cast<std::int64_t>(data.size()) > left_)
          data = data.substr(0, static_cast<std::size_t>(left_));
        // A small body goes out in one piece with the head: gathering costs the kernel more than copying costs us.
        if (out_.empty() || data.size() > kSmallChunk || data.size() > out_.room().size()) return Gathered::Data;
        out_.append(data);
        body_sent_ += data.size();
        if (framing_ == Framing::Length) left_ -= static_cast<std::int64_t>(data.size());
        body_->consume(data.size());
        data = {};
        break;
      case http::BodySource::State::Waiting:
        return Gathered::Waiting;
      case http::BodySource::State::End:
        if (framing_ == Framing::Length) return Gathered::Failed;
        ended_ = true;
        return Gathered::Ended;
      case http::BodySource::State::Failed:
        return Gathered::Failed;
    }
  }
}

ResponseWriter::Gathered ResponseWriter::gather_chunk(std::string_view& data) {
  if (chunk_left_ != 0) {
    switch (body_->pull()) {
      case http::BodySource::State::Ready:
        data = body_->data().substr(0, chunk_left_);
        return Gathered::Data;
      case http::BodySource::State::Waiting:
        return Gathered::Waiting;
      default:
        return Gathered::Failed;
    }
  }
  for (;;) {
    if (out().room().size() < kChunkFrame) return Gathered::Flush;
    switch (body_->pull()) {
      case http::BodySource::State::Ready: {
        const std::string_view bytes = body_->data();
        const bool small = bytes.size() <= kSmallChunk;
        if (small && out().room().size() < bytes.size() + kChunkFrame) return Gathered::Flush;
        append_size(out_, bytes.size());
        if (!small) {
          chunk_left_ = bytes.size();
          data = bytes;
          return Gathered::Data;
        }
        out_.append(bytes);
        out_.append("\r\n");
        body_sent_ += bytes.size();
        body_->consume(bytes.size());
        break;
      }
      case http::BodySource::State::Waiting:
        return Gathered::Waiting;
      case http::BodySource::State::End:
        return end_chunks();
      case http::BodySource::State::Failed:
        return Gathered::Failed;
    }
  }
}

ResponseWriter::Gathered ResponseWriter::end_chunks() {
  const http::Headers* trailers = with_trailers_ ? body_->trailers() : nullptr;
  std::size_t size = kChunkFrame;
  if (trailers != nullptr)
    for (const http::Header& line : trailers->all()) size += line.name.size() + line.value.size() + 4;
  if (size > net::BufferPool::kSmall) {
    trailers = nullptr;
  } else if (size > out_.room().size()) {
    return Gathered::Flush;
  }
  out_.append("0\r\n");
  if (trailers != nullptr)
    for (const http::Header& line : trailers->all())
      if (!http::is_hop_by_hop(line) && line.id != http::HeaderId::ContentLength) append_line(out_, line);
  out_.append("\r\n");
  ended_ = true;
  return Gathered::Ended;
}

void ResponseWriter::account(std::size_t n, std::size_t data_size) {
  const std::size_t owed = std::min(n, owed_.size());
  owed_.remove_prefix(owed);
  n -= owed;
  sent_ += n;
  const std::size_t framed = std::min(n, out_.size());
  if (framed != 0) out_.consume(framed);
  n -= framed;
  if (data_size == 0 || n == 0) return;
  body_sent_ += n;
  body_->consume(n);
  if (framing_ == Framing::Length) left_ -= static_cast<std::int64_t>(n);
  if (framing_ == Framing::Chunked) {
    chunk_left_ -= n;
    if (chunk_left_ == 0) out().append("\r\n");
  }
}

ResponseWriter::Result ResponseWriter::write(net::Stream& stream) {
  for (int round = 0; round < kRounds; ++round) {
    std::string_view data;
    const Gathered gathered = gather(data);
    if (gathered == Gathered::Failed) return Result::Failed;

    std::array<iovec, 3> parts;
    std::size_t count = 0;
    std::size_t total = 0;
    for (const std::string_view part : {owed_, out_.data(), data}) {
      if (part.empty()) continue;
      parts[count++] = {const_cast<char*>(part.data()), part.size()};
      total += part.size();
    }
    if (total != 0) {
      const net::Io io = stream.write({parts.data(), count});
      if (io.state == net::Io::State::Blocked) return Result::Blocked;
      if (io.state != net::Io::State::Ok) return Result::Gone;
      account(io.bytes, data.size());
      if (io.bytes < total) return Result::Blocked;
    }
    if (gathered == Gathered::Ended || (ended_ && out_.empty())) {
      out_.release();
      return Result::Done;
    }
    if (gathered == Gathered::Waiting) {
      if (out_.empty()) out_.release();
      return Result::Waiting;
    }
  }
  return Result::Yield;
}

}  // namespace gatehouse::server
