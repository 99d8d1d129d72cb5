#include <algorithm>
#include <string>

#include "fuzz.hpp"

using namespace gatehouse::http;

namespace {

struct Decoded {
  ChunkedDecoder::State state = ChunkedDecoder::State::NeedMore;
  std::string payload;
  std::string trailers;
  std::string_view fault;
  std::size_t used = 0;
};

Decoded decode(std::string_view stream, std::size_t first, std::size_t step) {
  ChunkedDecoder decoder;
  Decoded out;
  std::size_t arrived = std::min(first, stream.size());
  for (;;) {
    const fuzz::Exact bytes(stream.substr(out.used, arrived - out.used));
    std::size_t used = 0;
    std::size_t size = 0;
    out.state = decoder.next(bytes.view(), used, size);
    fuzz::check(used + size <= bytes.view().size(), "no more is taken than there is");
    out.used += used;
    if (out.state == ChunkedDecoder::State::Data) {
      fuzz::check(size != 0, "Data has data");
      const std::size_t n = std::min(size, step);
      out.payload.append(bytes.view().substr(used, n));
      decoder.consumed(n);
      out.used += n;
      continue;
    }
    if (out.state != ChunkedDecoder::State::NeedMore || arrived == stream.size()) break;
    fuzz::check(used == bytes.view().size(), "NeedMore has taken everything");
    arrived = std::min(stream.size(), arrived + step);
  }
  out.trailers = decoder.trailer_bytes();
  out.fault = decoder.fault();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t choice = static_cast<std::size_t>(data[0]) << 8 | data[1];
  const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Decoded whole = decode(stream, stream.size(), stream.size() + 1);
  for (const std::size_t step : {stream.size() + 1, std::size_t{1}}) {
    const Decoded parts = decode(stream, stream.empty() ? 0 : choice % stream.size(), step);
    fuzz::check(parts.state == whole.state && parts.payload == whole.payload && parts.fault == whole.fault &&
                    parts.used == whole.used && parts.trailers == whole.trailers,
                "what is decoded does not depend on how the bytes arrive");
  }
  fuzz::check(whole.trailers.size() <= ChunkedDecoder::kMaxTrailerBytes, "trailers are bounded");
  if (whole.state == ChunkedDecoder::State::End) {
    Headers headers;
    read_trailers(whole.trailers, headers);
    fuzz::check_lines(headers, whole.trailers, ChunkedDecoder::kMaxTrailerLines);
  }
  return 0;
}
