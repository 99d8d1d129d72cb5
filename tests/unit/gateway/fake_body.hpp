#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "http/body.hpp"

namespace gatehouse::gateway::test {

/// Bytes that are the same each time and do not repeat soon.
inline std::string noise(std::size_t size) {
  std::string out(size, '\0');
  std::uint64_t state = 0x9e3779b97f4a7c15u + size;
  for (char& c : out) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    c = static_cast<char>(state >> 56);
  }
  return out;
}

/// A request body whose bytes arrive when the test says so.
class FakeBody final : public http::BodySource {
 public:
  FakeBody(std::string text, std::int64_t length) : text_(std::move(text)), length_(length) {}
  const std::string& text() const { return text_; }

  /// `bytes` more have come, in pieces as the network brings them.
  void arrive(std::size_t bytes, std::size_t piece = std::size_t{1} << 30) {
    for (; bytes > 0; bytes -= std::min(bytes, piece)) {
      arrived_ += std::min(bytes, piece);
      pieces_.push_back(arrived_);
    }
  }
  void finish() { ended_ = true; }
  void fail(http::BodyError error) { error_ = error; }
  void tell() {
    if (waiting_ && sink != nullptr) {
      waiting_ = false;
      sink->on_body();
    }
  }

  State pull() override {
    ++pulls;
    waiting_ = false;
    if (error_ != http::BodyError::None) return State::Failed;
    while (!pieces_.empty() && pieces_.front() == at_) pieces_.pop_front();
    if (!pieces_.empty()) return State::Ready;
    if (ended_) return State::End;
    waiting_ = true;
    return State::Waiting;
  }
  std::string_view data() const noexcept override {
    return pieces_.empty() ? std::string_view() : std::string_view(text_).substr(at_, pieces_.front() - at_);
  }
  void consume(std::size_t n) noexcept override { at_ += n; }
  void set_sink(http::BodySink* to) noexcept override { sink = to; }
  std::int64_t length() const noexcept override { return length_; }
  http::BodyError error() const noexcept override { return error_; }
  void set_limit(std::int64_t) noexcept override {}

  http::BodySink* sink = nullptr;
  int pulls = 0;

 private:
  std::string text_;
  std::int64_t length_;
  std::size_t at_ = 0, arrived_ = 0;
  std::deque<std::size_t> pieces_;
  bool ended_ = false, waiting_ = false;
  http::BodyError error_ = http::BodyError::None;
};

/// All that is there, taken `step` bytes at a time.
inline std::string pull_all(http::BodySource& body, std::size_t step) {
  std::string out;
  while (body.pull() == http::BodySource::State::Ready) {
    const std::size_t n = std::min(body.data().size(), step);
    out += body.data().substr(0, n);
    body.consume(n);
  }
  return out;
}

}  // namespace gatehouse::gateway::test
