// A whole request before the verifier, which knows one key. Only what was once signed with it may be verified.
#include <gatehouse/kit/sigv4/verifier.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

#include "require.hpp"
#include "text_request.hpp"

namespace {

using namespace gatehouse::kit::sigv4;

constexpr std::int64_t kNowMs = 1'768'472'130'000;
// Of the vectors of the specification, section 14, which the kept corpus holds.
constexpr std::string_view kSigned[] = {
    "160deb02b6f8b85e2062243381924d03ddf40f69d86be8aa9b767ec3bb7cf2f4",
    "d8d6ea2f6fd1387e490348be568902bd6ec7b35ed38ad8f67975515ec93270c3",
    "e904a912ef37e51afca3f6df11bde257e06cb0ca3ef3551b6d19c6526db31b50",
    "b68964fd703d529b139b6eaf75942584b674193ce53bb9ab18c0033bf0033334",
    "882c1398c8e3c3c25870335949047f60d1db9ed286084bdd995236be6dd640ab",
    "838da228d1b7b57c41bb1818134ee360cb274e93814959c494d1a6082008ac17",
    "cbda58b1770bc9f88cde1da99ab897f0cc99eaf4da4b3628b0b33b62e8802501",
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Verifier verifier{Rules{}};
  static Workspace workspace;
  const TextRequest text(std::string(reinterpret_cast<const char*>(data), size));
  Credentials c;
  Refusal why;
  if (!verifier.read(text.request, kNowMs, workspace, c, why)) {
    require(why.fault != Fault::None && !why.message.empty(), "a refusal has words");
    return 0;
  }
  const Digest key =
      signing_key(workspace.hasher, "gatehouse/test/secret+key/0123456789ABCD", c.date, c.region, c.service);
  const Digest payload = workspace.hasher.sha256(text.body);
  const auto match = verifier.match(text.request, c, key, payload, workspace);
  if (match.verified) {
    std::string signature;
    append_hex(signature, c.signature);
    require(std::find(std::begin(kSigned), std::end(kSigned), signature) != std::end(kSigned), "it was signed");
    require(match.path_form == GH_PATH_NORMALISED || match.path_form == GH_PATH_SLASHES_COLLAPSED, "a form");
    return 0;
  }
  const Refusal full = verifier.mismatch(text.request, c, key, payload, true, workspace);
  require(full.fault == Fault::Mismatch && full.message.size() <= 65'536, "it fits into an answer");
  std::string shown;
  append_shown(shown, full.message, 70'000);
  require(shown == full.message, "and is UTF-8");
  return 0;
}
