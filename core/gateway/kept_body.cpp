#include "gateway/kept_body.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace gatehouse::gateway {

using access::BodyOutcome;
using http::BodyError;
using Where = BodyRoom::Where;

namespace {

constexpr std::int64_t kQuietNs = 10'000'000'000;

base::Counter& gauge(base::Registry& registry, std::uint32_t worker, const char* where) {
  return registry.counter(worker, "gatehouse_kept_body_bytes", "Room that kept request bodies take now.",
                          {{"where", where}}, base::Registry::Kind::Gauge);
}

void show(base::Counter& gauge, std::uint64_t value) noexcept {
  const std::uint64_t shown = gauge.value();
  value >= shown ? gauge.add(value - shown) : gauge.subtract(shown - value);
}

BodyOutcome outcome_of(BodyError error) noexcept {
  return error == BodyError::TooLarge ? BodyOutcome::TooLarge
         : error == BodyError::NoRoom ? BodyOutcome::NoRoom
                                      : BodyOutcome::Broken;
}

}  // namespace

BodyKeeper::BodyKeeper(net::Loop& l, base::Registry& registry, std::uint32_t worker)
    : loop(l),
      kept(registry.counter(worker, "gatehouse_kept_bodies_total",
                            "Request bodies that were read because an authorizer asked.")),
      refused(registry.counter(worker, "gatehouse_kept_bodies_refused_total",
                               "Request bodies that there was no room to keep.")),
      memory_bytes_(gauge(registry, worker, "memory")),
      file_bytes_(gauge(registry, worker, "file")) {}

void BodyKeeper::note() noexcept {
  show(memory_bytes_, room->used(Where::Memory));
  show(file_bytes_, room->used(Where::File));
}

void BodyKeeper::complain(const std::string& why) noexcept try {
  if (std::exchange(complained_, true) && loop.now_ns() - complained_ns_ < kQuietNs) return;
  complained_ns_ = loop.now_ns();
  base::log(base::Level::Warn, "a request body was not kept and its request refused", {{"why", why}});
} catch (...) {
  // Out of memory: the line is lost.
}

KeptBody::KeptBody(BodyKeeper& keeper, http::BodySource& source, const config::KeptBodies& settings)
    : keeper_(keeper),
      source_(source),
      settings_(settings),
      chore_([](void* self) { static_cast<KeptBody*>(self)->run(); }, this) {}

KeptBody::~KeptBody() {
  if (state_ == Phase::Reading || passing_) source_.set_sink(nullptr);
  release();
}

void KeptBody::ask(std::shared_ptr<access::BodyReader> reader, std::int64_t max_bytes) {
  asked_.push_back({std::move(reader), max_bytes, nullptr});
  keeper_.loop.defer(chore_);
}

void KeptBody::run() {
  if (leaving_) return;
  if (state_ == Phase::Untouched) {
    // Whose length says already that it is too long is not read for that.
    std::vector<Asked> refused;
    const auto too_long = [&](const Asked& a) { return a.max_bytes >= 0 && source_.length() > a.max_bytes; };
    for (std::size_t i = 0; i < asked_.size();)
      if (too_long(asked_[i])) {
        refused.push_back(std::move(asked_[i]));
        asked_.erase(asked_.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        ++i;
      }
    if (!asked_.empty()) {
      state_ = Phase::Reading;
      keeper_.kept.add();
      source_.set_sink(this);
    }
    for (Asked& a : refused) a.reader->on_request_body({BodyOutcome::TooLarge, {}, nullptr});
    if (leaving_) return;
  }
  if (state_ == Phase::Reading) read_some();
  if (state_ == Phase::Whole || state_ == Phase::Failed) answer();
}

void KeptBody::read_some() {
  for (int i = 0; i < kPiecesPerTurn; ++i) {
    switch (source_.pull()) {
      case State::Ready: {
        const std::string_view bytes = source_.data().substr(0, kPiece);
        if (!keep(bytes)) return fail(BodyError::NoRoom);
        source_.consume(bytes.size());
        break;
      }
      case State::Waiting:
        return;
      case State::End:
        return end();
      case State::Failed:
        return fail(source_.error());
    }
  }
  keeper_.loop.defer(chore_);
}

bool KeptBody::keep(std::string_view bytes) try {
  hash_.add(bytes);
  size_ += static_cast<std::int64_t>(bytes.size());
  while (!bytes.empty()) {
    if (!spilled_ && (blocks_.empty() || blocks_.back().room().empty())) spilled_ = !grow();
    if (spilled_) return spill(bytes);
    const std::size_t n = blocks_.back().append(bytes);
    block_bytes_ += n;
    bytes.remove_prefix(n);
  }
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

bool KeptBody::grow() {
  const std::int64_t length = source_.length();
  const bool small = blocks_.empty() && length <= static_cast<std::int64_t>(net::BufferPool::kSmall);
  const std::size_t size = small ? net::BufferPool::kSmall : net::BufferPool::kLarge;
  if (memory_taken_ + size > kMemoryOfOne || !keeper_.room->take(Where::Memory, size, settings_.memory_bytes))
    return false;
  memory_taken_ += size;
  keeper_.note();
  blocks_.push_back(keeper_.buffers.acquire(size));
  return true;
}

bool KeptBody::spill(std::string_view bytes) {
  // In whole pieces: with them the number of files has a bound, too.
  while (file_bytes_ + bytes.size() > file_taken_) {
    if (!keeper_.room->take(Where::File, kPiece, settings_.file_bytes)) return false;
    file_taken_ += kPiece;
    keeper_.note();
  }
  if (!file_.is_open()) {
    auto made = SpillFile::make(settings_.directory);
    if (!made) return keeper_.complain(made.error().text), false;
    file_ = std::move(*made);
  }
  if (auto written = file_.write(file_bytes_, bytes); !written) return keeper_.complain(written.error().text), false;
  file_bytes_ += bytes.size();
  return true;
}

void KeptBody::end() {
  source_.set_sink(nullptr);
  if (!hash_.finish(digest_)) return fail(BodyError::NoRoom);
  state_ = Phase::Whole;
}

void KeptBody::fail(BodyError error) noexcept {
  source_.set_sink(nullptr);
  state_ = Phase::Failed;
  error_ = error == BodyError::None ? BodyError::Closed : error;
  if (error_ == BodyError::NoRoom) keeper_.refused.add();
  release();
}

void KeptBody::answer() {
  while (!asked_.empty() && !leaving_) {
    Asked& next = asked_.front();
    if (!next.reader->listening()) {
      asked_.erase(asked_.begin());
    } else if (state_ == Phase::Failed) {
      tell(outcome_of(error_));
    } else if (next.max_bytes < 0) {
      tell(BodyOutcome::Whole);
    } else if (size_ > next.max_bytes) {
      tell(BodyOutcome::TooLarge);
    } else {
      try {
        if (next.copy == nullptr)
          next.copy = BodyCopy::make(keeper_.room, static_cast<std::uint64_t>(size_), settings_.memory_bytes);
        keeper_.note();
        if (next.copy == nullptr) {
          fail(BodyError::NoRoom);
        } else if (copy_some(next)) {
          const std::shared_ptr<BodyCopy> copy = std::move(next.copy);
          tell(BodyOutcome::Whole, {copy, &copy->text});
        } else if (state_ == Phase::Whole) {
          return keeper_.loop.defer(chore_);
        }
      } catch (const std::bad_alloc&) {
        fail(BodyError::NoRoom);
      }
    }
  }
}

// True when all of it was copied.
bool KeptBody::copy_some(Asked& asked) {
  std::string& out = asked.copy->text;
  for (int i = 0; i < kPiecesPerTurn && out.size() < static_cast<std::size_t>(size_); ++i) {
    const std::string_view piece = piece_at(out.size());
    if (piece.empty()) return fail(BodyError::NoRoom), false;
    out += piece;
  }
  return out.size() == static_cast<std::size_t>(size_);
}

// What stands there of the kept body, up to a piece; empty when it cannot be read back.
std::string_view KeptBody::piece_at(std::uint64_t at) {
  if (at < block_bytes_) {
    std::uint64_t begin = 0;
    for (const net::Buffer& block : blocks_) {
      if (at < begin + block.size()) return block.data().substr(static_cast<std::size_t>(at - begin));
      begin += block.size();
    }
    return {};
  }
  at -= block_bytes_;
  if (!scratch_.has_memory()) scratch_ = keeper_.buffers.acquire(kPiece);
  const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, file_bytes_ - at));
  if (auto read = file_.read(at, {scratch_.bytes(), n}); !read)
    return keeper_.complain(read.error().text), std::string_view();
  return {scratch_.bytes(), n};
}

void KeptBody::tell(BodyOutcome outcome, std::shared_ptr<const std::string> bytes) {
  const std::shared_ptr<access::BodyReader> reader = std::move(asked_.front().reader);
  asked_.erase(asked_.begin());
  reader->on_request_body({outcome, digest_, std::move(bytes)});
}

http::BodySource::State KeptBody::pull() {
  if (error_ != BodyError::None) return State::Failed;
  if (!std::exchange(leaving_, true)) {
    chore_.cancel();
    asked_.clear();
    scratch_.release();
  }
  if (!view_.empty()) return State::Ready;
  if (passing_) return source_.pull();
  if (block_ < blocks_.size()) {
    view_ = blocks_[block_].data();
    return State::Ready;
  }
  if (file_at_ < file_bytes_) {
    try {
      view_ = piece_at(block_bytes_ + file_at_);
    } catch (const std::bad_alloc&) {
    }
    if (!view_.empty()) return State::Ready;
    fail(BodyError::NoRoom);
    return State::Failed;
  }
  if (state_ == Phase::Whole) return State::End;
  release();
  passing_ = true;
  source_.set_sink(sink_);
  return source_.pull();
}

void KeptBody::consume(std::size_t n) noexcept {
  if (passing_) return source_.consume(n);
  view_.remove_prefix(n);
  if (block_ == blocks_.size()) {
    file_at_ += n;
    return;
  }
  if (!view_.empty()) return;
  net::Buffer& block = blocks_[block_++];
  const std::uint64_t capacity = block.capacity();
  block.release();
  memory_taken_ -= capacity;
  keeper_.room->give_back(Where::Memory, capacity);
  keeper_.note();
}

void KeptBody::set_sink(http::BodySink* sink) noexcept {
  sink_ = sink;
  if (passing_) source_.set_sink(sink);
}

std::int64_t KeptBody::length() const noexcept {
  return state_ == Phase::Whole ? size_ : source_.length();
}

http::BodyError KeptBody::error() const noexcept {
  return error_ == BodyError::None && passing_ ? source_.error() : error_;
}

void KeptBody::release() noexcept {
  view_ = {};
  scratch_.release();
  blocks_.clear();
  block_ = 0;
  file_.close();
  block_bytes_ = file_bytes_ = file_at_ = 0;
  for (Asked& a : asked_) a.copy.reset();
  keeper_.room->give_back(Where::Memory, std::exchange(memory_taken_, 0));
  keeper_.room->give_back(Where::File, std::exchange(file_taken_, 0));
  keeper_.note();
}

}  // namespace gatehouse::gateway
