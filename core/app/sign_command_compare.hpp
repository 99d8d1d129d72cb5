#pragma once
#include <gatehouse/kit/sigv4/signer.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace gatehouse::app {

/// Somebody else's canonical request beside ours of the same request.
struct CanonicalComparison {
  struct Line {
    std::string part;  // `method`, `path`, `query`, `header host`, `signed headers`, `body hash`
    std::string theirs, ours;
    bool same() const noexcept { return theirs == ours; }
  };
  std::vector<Line> lines;
  std::vector<std::string> hints;  // why a line may differ
  bool same() const noexcept;
};

/// The canonical request in a text: that itself, as SDKs log it, or the body of an error that quotes it (JSON, or the
/// message alone). Errors: there is none.
Result<std::string> canonical_request_in(std::string_view text);

/// Ours is made of `request` with the headers that theirs says are signed; X-Amz-Date, and the X-Amz parameters of a
/// presigned request, are taken over from theirs. Errors: theirs has no such form.
Result<CanonicalComparison> compare_canonical(const std::string& theirs, const kit::sigv4::Unsigned& request);

}  // namespace gatehouse::app
