#include "gateway/journal.hpp"

#include <array>
#include <cstring>

#include "access/policy_flip.hpp"
#include "access/policy_trace.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "gateway/context.hpp"

namespace gatehouse::gateway {
namespace {

constexpr std::string_view kClosing = "]}";

// Appends to a fixed piece of memory; says when it was too small. Room for kClosing is kept back.
class Fixed {
 public:
  Fixed(char* to, std::size_t room) : to_(to), room_(room - kClosing.size()) {}
  void raw(std::string_view text) {
    const std::size_t n = std::min(text.size(), room_ - size_);
    std::memcpy(to_ + size_, text.data(), n);
    size_ += n;
    full_ = full_ || n < text.size();
  }
  // A JSON string; control bytes and bytes past ASCII become `?`, so that nothing needs an allocation.
  void quoted(std::string_view text, std::size_t most) {
    raw("\"");
    for (const char c : text.substr(0, most)) {
      if (c == '"' || c == '\\') raw("\\");
      const char safe = static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F ? '?' : c;
      raw({&safe, 1});
    }
    raw("\"");
  }
  void number(std::uint64_t n) {
    char digits[24];
    char* at = digits + sizeof digits;
    do {
      *--at = static_cast<char>('0' + n % 10);
      n /= 10;
    } while (n != 0);
    raw({at, static_cast<std::size_t>(digits + sizeof digits - at)});
  }
  void close() {
    std::memcpy(to_ + size_, kClosing.data(), kClosing.size());
    size_ += kClosing.size();
  }
  std::size_t size() const noexcept { return size_; }
  bool full() const noexcept { return full_; }
  void rewind(std::size_t size) noexcept {
    size_ = size;
    full_ = false;
  }

 private:
  char* to_;
  std::size_t room_;
  std::size_t size_ = 0;
  bool full_ = false;
};

// Of a detail, in a slot and where there is room.
constexpr std::size_t kShort = 200, kLong = 2'000;

void write_json(Fixed& out, const RequestContext& c, bool whole) {
  out.raw("{\"request_id\":");
  out.quoted(c.request_id, 64);
  out.raw(",\"method\":");
  out.quoted(http::name(c.exchange->request.method), 16);
  out.raw(",\"path\":");
  out.quoted(c.shown_path(), 300);
  out.raw(",\"source_ip\":");
  out.quoted(c.source_ip_text, 64);
  out.raw(",\"api\":");
  out.quoted(c.api != nullptr ? std::string_view(c.api->name) : std::string_view(), 64);
  out.raw(",\"route\":");
  out.quoted(c.route != nullptr ? std::string_view(c.route->key) : std::string_view(), 200);
  out.raw(",\"status\":");
  out.number(c.exchange->status != 0 ? c.exchange->status : c.refusal.status);
  out.raw(",\"time_unix_ms\":");
  out.number(static_cast<std::uint64_t>(c.start_unix_ms));
  if (whole) {
    const std::optional<ToChange> change = to_change(c);
    out.raw(!change ? ",\"to_change_it\":null" : ",\"to_change_it\":{\"flips\":");
    if (change) {
      out.raw(change->flips ? "true,\"text\":" : "false,\"text\":");
      out.quoted(change->text, kLong);
      out.raw("}");
    }
  }
  out.raw(",\"trace\":[");
  bool first = true;
  for (const base::TraceRecord& record : c.trace.records()) {
    if (record.code == access::kToChange) continue;
    const std::size_t before = out.size();
    if (!first) out.raw(",");
    out.raw("{\"step\":");
    out.quoted(name(record.step), 32);
    out.raw(",\"who\":");
    out.quoted(record.who, 64);
    out.raw(",\"outcome\":");
    out.quoted(name(record.outcome), 32);
    out.raw(",\"code\":");
    out.quoted(record.code, 64);
    out.raw(",\"detail\":");
    out.quoted(record.ref, whole ? kLong : kShort);
    out.raw("}");
    if (out.full()) {  // a record that does not fit whole is left out: the text stays JSON
      out.rewind(before);
      break;
    }
    first = false;
  }
  out.close();
}

std::string pad(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out + ' ';
}

}  // namespace

Journal::Journal(std::size_t slots) : slots_(slots) {}

void Journal::record(const RequestContext& context) noexcept {
  if (slots_.empty() || context.request_id.empty()) return;
  Slot& slot = slots_[next_];
  next_ = (next_ + 1) % slots_.size();
  slot.id_size = static_cast<std::uint8_t>(std::min(context.request_id.size(), sizeof slot.id));
  std::memcpy(slot.id, context.request_id.data(), slot.id_size);
  Fixed out(slot.text, kSlotBytes);
  write_json(out, context, false);
  slot.size = static_cast<std::uint16_t>(out.size());
}

std::optional<std::string> Journal::find(std::string_view request_id) const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[(next_ + slots_.size() - 1 - i) % slots_.size()];
    if (slot.size != 0 && std::string_view(slot.id, slot.id_size) == request_id)
      return std::string(slot.text, slot.size);
  }
  return std::nullopt;
}

std::string trace_json(const RequestContext& context) {
  std::string out(access::kExplainedRecords * 4'096, '\0');
  Fixed to(out.data(), out.size());
  write_json(to, context, true);
  out.resize(to.size());
  return out;
}

// JSON's escapes keep control bytes from a terminal; its quotes need none here.
void append_readable(std::string& out, std::string_view text) {
  std::array<char, 8> escape;
  while (!text.empty()) {
    const std::string_view piece = base::next_json_piece(text, escape);
    out += piece == "\\\"" ? "\"" : piece;
  }
}

std::string trace_text(const RequestContext& context) {
  std::string out;
  for (const base::TraceRecord& record : context.trace.records()) {
    if (record.code == access::kToChange) continue;
    out += pad(name(record.step), 11) + pad(record.who.empty() ? "-" : record.who, 24) + pad(name(record.outcome), 12);
    std::string detail(record.code);
    if (!record.ref.empty()) detail += (detail.empty() ? "" : ": ") + std::string(record.ref);
    append_readable(out, detail);
    while (!out.empty() && out.back() == ' ') out.pop_back();
    out += '\n';
  }
  return out;
}

std::optional<ToChange> to_change(const RequestContext& context) {
  for (const base::TraceRecord& record : context.trace.records()) {
    if (record.code == access::kToChange)
      return ToChange{record.outcome == base::Outcome::Allowed, std::string(record.ref)};
    // The first that is missing; whether what is sent then is enough, its authorizer says.
    if (record.code == "identity_source_absent" && record.outcome == base::Outcome::Unauthorized)
      return ToChange{false, "send `" + std::string(record.ref) + "`, which the request lacks"};
  }
  return std::nullopt;
}

}  // namespace gatehouse::gateway
