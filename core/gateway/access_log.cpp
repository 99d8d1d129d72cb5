#include "gateway/access_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "gateway/context.hpp"

namespace gatehouse::gateway {
namespace {

// Members of a line when the configuration names none. Header values are here by this list only: no Authorization, no
// cookie, no query (it may carry a token).
constexpr std::pair<std::string_view, std::string_view> kDefaultMembers[] = {
    {"requestId", "$context.requestId"},
    {"requestTime", "$context.requestTime"},
    {"sourceIp", "$context.identity.sourceIp"},
    {"domainName", "$context.domainName"},
    {"apiId", "$context.apiId"},
    {"stage", "$context.stage"},
    {"httpMethod", "$context.httpMethod"},
    {"path", "$context.path"},
    {"routeKey", "$context.routeKey"},
    {"protocol", "$context.protocol"},
    {"status", "$context.status"},
    {"responseLength", "$context.responseLength"},
    {"responseLatency", "$context.responseLatency"},
    {"integrationStatus", "$context.integrationStatus"},
    {"integrationLatency", "$context.integrationLatency"},
    {"principalId", "$context.authorizer.principalId"},
    {"authorizerStatus", "$context.authorizer.status"},
    {"errorResponseType", "$context.error.responseType"},
    {"userAgent", "$context.identity.userAgent"},
};

int open_log(const std::string& path) {
  if (path == "-") return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  // A pipe that nobody reads is refused instead of waited for.
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
  if (fd >= 0) ::fcntl(fd, F_SETFL, O_APPEND);
  return fd;
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return;  // a full disk or a closed pipe must not stop the gateway
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

AccessLogFormat AccessLogFormat::compile(const config::AccessLog& settings, config::Diagnostics& diagnostics) {
  AccessLogFormat out;
  out.enabled_ = settings.enabled;
  const auto add = [&](std::string_view member, std::string_view text) {
    auto value = Template::parse(text);
    if (!value) {
      diagnostics.error(settings.where, "access log member `" + std::string(member) + "`: " + value.error().text);
      return;
    }
    std::string key;
    base::append_json_string(key, member);
    out.members_.emplace_back(key + ":", std::move(*value));
  };
  if (settings.format.empty()) {
    for (const auto& [member, text] : kDefaultMembers) add(member, text);
  } else {
    for (const auto& [member, text] : settings.format) add(member, text);
  }
  return out;
}

void AccessLogFormat::append(std::string& out, const RequestContext& context) const {
  out += '{';
  bool first = true;
  for (const auto& [key, value] : members_) {
    if (!first) out += ',';
    first = false;
    out += key;
    value.append_json(out, context, "-");
  }
  out += "}\n";
}

Result<std::unique_ptr<AccessLogWriter>> AccessLogWriter::open(const std::string& path) {
  std::unique_ptr<AccessLogWriter> out(new AccessLogWriter);
  out->path_ = path;
  out->fd_ = open_log(path);
  if (out->fd_ < 0) return fail(Code::Io, "cannot open the access log `" + path + "`: " + std::strerror(errno));
  out->thread_ = std::thread([writer = out.get()] { writer->run(); });
  return out;
}

AccessLogWriter::~AccessLogWriter() {
  {
    const std::lock_guard guard(lock_);
    stop_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  if (fd_ >= 0) ::close(fd_);
  if (next_fd_ >= 0) ::close(next_fd_);
}

void AccessLogWriter::write(std::string& lines) {
  if (lines.empty()) return;
  {
    const std::lock_guard guard(lock_);
    if (queued_bytes_ + lines.size() > kMaxQueued) {
      std::uint64_t lost = 0;
      for (const char c : lines) lost += c == '\n' ? 1 : 0;
      dropped_.fetch_add(lost, std::memory_order_relaxed);
      lines.clear();
      return;
    }
    queued_bytes_ += lines.size();
    std::string next;
    if (!spare_.empty()) {
      next = std::move(spare_.back());
      spare_.pop_back();
    }
    queue_.push_back(std::move(lines));
    lines = std::move(next);
  }
  wake_.notify_one();
}

Result<void> AccessLogWriter::reopen(const std::string& path) {
  const std::lock_guard guard(lock_);
  const std::string& wanted = path.empty() ? path_ : path;
  const int fresh = open_log(wanted);
  if (fresh < 0) return fail(Code::Io, "cannot open the access log `" + wanted + "`: " + std::strerror(errno));
  if (next_fd_ >= 0) ::close(next_fd_);
  next_fd_ = fresh;
  if (!path.empty()) path_ = path;
  return {};
}

Result<void> AccessLogWriter::check(const std::string& path) {
  if (path == "-") return {};
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const bool there = ::access(path.c_str(), F_OK) == 0;
  if (::access(there ? path.c_str() : folder.c_str(), W_OK) != 0)
    return fail(Code::Io, "cannot open the access log `" + path + "`: " + std::strerror(errno));
  return {};
}

void AccessLogWriter::run() {
  std::vector<std::string> batch;
  std::unique_lock guard(lock_);
  for (;;) {
    wake_.wait(guard, [this] { return stop_ || !queue_.empty(); });
    if (queue_.empty() && stop_) return;
    batch.swap(queue_);
    const int fresh = std::exchange(next_fd_, -1);
    guard.unlock();
    if (fresh >= 0) {
      ::close(fd_);
      fd_ = fresh;
    }
    std::size_t bytes = 0;
    for (std::string& lines : batch) {
      write_all(fd_, lines);
      bytes += lines.size();
      lines.clear();
    }
    guard.lock();
    queued_bytes_ -= bytes;
    for (std::string& lines : batch)
      if (spare_.size() < 8) spare_.push_back(std::move(lines));
    batch.clear();
  }
}

bool AccessLogBuffer::added() {
  if (lines_.size() < kHandOver) return true;
  flush();
  return false;
}

void AccessLogBuffer::flush() {
  if (writer_ != nullptr && !lines_.empty()) writer_->write(lines_);
}

}  // namespace gatehouse::gateway
